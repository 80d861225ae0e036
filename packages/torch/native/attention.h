// Attention of float32 on the CPU, a few rows at a time, so that scores stay in the processor's cache: the tables of
// scores and weights, which outweigh everything else in a small model's step, never exist. Rows stand for themselves,
// to the bit: each sums its keys in one order, whether it is computed in training or from the cache, of finite values
// (the weight of what a row does not see is 0, and 0 times NaN is NaN). src/own-attention.ts is TypeScript's side.

#pragma once

#include <ATen/ATen.h>

#include "kernels.h"

namespace binding {

// Rows whose scores are in memory together.
constexpr int64_t kScoredRows = 8 * kGroup;

inline int64_t round_up(int64_t size, int64_t multiple) { return (size + multiple - 1) / multiple * multiple; }

// Heads of a tensor (N, heads, D), contiguous.
struct Heads {
  float* data;
  int64_t count, size;
  explicit Heads(const at::Tensor& x) : data(x.data_ptr<float>()), count(x.size(1)), size(x.size(2)) {}
  float* at(int64_t row, int64_t head) const { return data + (row * count + head) * size; }
  int64_t step() const { return count * size; }
};

// What a head's queries look at.
struct Seen {
  const float* keys;    // transposed, in panels of (D, kPanel)
  const float* values;  // (keys, D), rows `value_step` apart
  int64_t value_step, head_size;
};

// result (rows, columns) = left (rows, inputs) · right (inputs, columns), or added to it; right rows are contiguous.
void multiply_blocks(Matrix left, const float* right, int64_t right_step, float* result, int64_t result_step,
                     int64_t rows, int64_t inputs, int64_t columns, bool adds);

// scores (rows, keys) = query · keys, of the first keys.
void score(Matrix query, const float* keys, int64_t head_size, float* scores, int64_t step, int64_t rows,
           int64_t count);

// Weights of some rows over the keys they see, of which the first row sees `seen` and each further one `more`.
void weigh(Matrix query, const Seen& seen, const Scores& weights);

// result (rows, D) = softmax(query · keysᵀ) · values; memory for (kScoredRows, memory_step) numbers.
void attend(Matrix query, const Seen& seen, float* result, int64_t result_step, int64_t rows, int64_t first_seen,
            int64_t more, float* memory, int64_t memory_step);

}  // namespace binding
