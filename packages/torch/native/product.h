// Matrix products of float32 on the CPU. Every element is summed for itself: its inputs in parts of kPart, each part
// one chain of multiply-adds from the first input to the last, the parts added up in order. So its bits depend neither
// on what stands beside it nor on the number of threads, which those of BLAS libraries do. decisions/0012 has the
// reasons.

#pragma once

#include <cstdint>

namespace binding {

// Inputs that are summed in one chain.
constexpr int64_t kPart = 384;
// Columns that lie side by side in packed matrices.
constexpr int64_t kPanel = 64;

// Where the elements of a matrix lie: steps of 0 repeat, negative ones do not occur.
struct Matrix {
  const float* data;
  int64_t row_step, column_step;
};

// result = left · right, or result += left · right, of `count` matrices that lie `step`s apart.
struct Product {
  int64_t count, rows, inputs, outputs;
  Matrix left;       // (rows, inputs)
  Matrix right;      // (inputs, outputs)
  float* result;     // (rows, outputs)
  int64_t row_step;  // of the result, whose columns are contiguous
  int64_t left_step, right_step, result_step;
  bool adds;
  // Panels of (inputs, kPanel), one behind the other, instead of a right matrix: what `pack_panels` made. Or nothing.
  const float* panels;
};

// On the threads that libtorch may use.
void multiply(const Product& product);

}  // namespace binding
