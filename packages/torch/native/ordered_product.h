// Matrix products of float32 in which every element is summed for itself, in an order that the caller states: its bits
// depend on nothing beside it. BLAS libraries sum otherwise for few rows than for many.

#pragma once

#include <ATen/ATen.h>

namespace binding {

// Columns that are computed from one panel of packed weights, and of an unpacked matrix.
constexpr int64_t kPackedPanel = 64;
constexpr int64_t kPlainPanel = 32;

struct OrderedProduct {
  const float* left;  // (rows, inputs)
  // Panels of (inputs, kPackedPanel) or (inputs, kPlainPanel) that lie `panel_step` from each other, their inputs
  // `stride`. What lies `ahead` of what is multiplied is fetched meanwhile, unless that is 0.
  const float* right;
  int64_t panel_step, stride, ahead;
  const float* bias;  // (outputs) or nothing
  float* result;      // (rows, outputs)
  int64_t rows, inputs, outputs;
  at::IntArrayRef sums;  // the inputs are summed in parts of these lengths, one product after the other
  bool fused;            // multiply and add are rounded once
};

// Outputs of packed panels `from` to `to`. The last panel may have more columns than there are outputs.
void multiply_packed(const OrderedProduct& product, int64_t from, int64_t to);

// All outputs, a multiple of kPlainPanel.
void multiply_plain(const OrderedProduct& product);

// Whether sums are lengths of at least 1, `inputs` together.
bool covers(at::IntArrayRef sums, int64_t inputs);

// Products of fewer multiplications than this are not worth a second thread.
constexpr int64_t kWorthAThread = 1 << 17;

}  // namespace binding
