// The innermost loops, compiled for several instruction sets: *_kernel.cc.

#pragma once

#include <cstdint>

#include "product.h"

namespace binding {

// Rows of a left matrix that are computed together.
constexpr int64_t kGroup = 6;

// Some rows and columns of one part of a product.
struct Block {
  Matrix left;
  const float* right;  // its columns are contiguous
  int64_t right_step;
  float* result;
  int64_t result_step;
  int64_t rows, inputs, outputs;
  bool adds;
  // Whether the left matrix lies in groups of kGroup rows, the rows of a group (fewer in the last) side by side for
  // each input; its steps are not used then.
  bool grouped;
  // Whether as many columns as fill a panel can be read, if not used.
  bool padded;
};

// A row's numbers are summed in so many strands; one may be written up to a multiple of this past its end.
constexpr int kStrands = 16;
static_assert(kPanel % kStrands == 0);

// Rows of which the first has `seen` numbers that count, each further one `more` numbers more than the one before it.
struct Scores {
  float* data;
  int64_t step;
  int64_t rows, seen, more;
};

// Those that a loop of multiply-adds begins with.
constexpr int kLoopNumbers = 512;

// A step of AdamW: the weight that decay keeps, the shares of the moments, and what the second one is scaled by.
struct AdamW {
  float* __restrict parameter, * __restrict first, * __restrict second;
  const float* __restrict gradient;
  float kept, beta1, beta2, rest1, rest2, rate, scale, epsilon;
};

struct Kernels {
  const char* instructions;  // the set they are compiled for
  void (*multiply_block)(const Block& block);
  // Softmax of each row in place; zeros follow up to `width`, a multiple of kStrands.
  void (*softmax)(const Scores& scores, int64_t width);
  // What the gradients of weights, which are overwritten, say of the scores they came from.
  void (*softmax_backward)(const Scores& weights, float* gradients, int64_t width);
  void (*adamw)(const AdamW& step, int64_t from, int64_t to);
  // A loop of independent multiply-adds on kLoopNumbers numbers, which are overwritten; says how many multiplications
  // and additions that was.
  int64_t (*multiply_add)(float* numbers, int64_t rounds);
};

// Those for the processor at hand.
const Kernels& kernels();

}  // namespace binding
