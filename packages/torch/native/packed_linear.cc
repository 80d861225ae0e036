// zerosearch::packed_linear: a product with a weight matrix that lies in panels. BLAS libraries pack a matrix anew for
// each product, which costs more than the product where rows are few. Here packing is the caller's, once. TypeScript's
// side is src/packed-linear.ts.

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>

#include "ordered_product.h"

namespace binding {

namespace {

at::Tensor packed_linear(const at::Tensor& input, const at::Tensor& panels, int64_t outputs, at::IntArrayRef sums,
                         bool fused, const c10::optional<at::Tensor>& bias) {
  TORCH_CHECK(panels.dim() == 3 && panels.size(2) == kPackedPanel && panels.is_contiguous(),
              "panels must be (count, inputs, ", kPackedPanel, ") and contiguous, got ", panels.sizes());
  const int64_t inputs = panels.size(1);
  TORCH_CHECK(input.dim() >= 1 && input.size(-1) == inputs, "input must have ", inputs, " columns, got shape ",
              input.sizes());
  TORCH_CHECK(input.scalar_type() == at::kFloat && panels.scalar_type() == at::kFloat,
              "input and panels must be float32");
  TORCH_CHECK(covers(sums, inputs), "sums must be lengths of at least 1, together ", inputs, ", got ", sums);
  TORCH_CHECK(!at::GradMode::is_enabled() || !input.requires_grad(), "packed_linear has no gradient: use linear");
  TORCH_CHECK(outputs >= 0 && (outputs + kPackedPanel - 1) / kPackedPanel == panels.size(0), outputs, " outputs need ",
              (outputs + kPackedPanel - 1) / kPackedPanel, " panels, got ", panels.size(0));
  auto shape = input.sizes().vec();
  shape.back() = outputs;
  const bool has_bias = bias.has_value() && bias->defined();
  TORCH_CHECK(!has_bias || (bias->dim() == 1 && bias->size(0) == outputs && bias->scalar_type() == at::kFloat &&
                            bias->is_contiguous()),
              "bias must be contiguous float32 of ", outputs, " numbers");
  at::Tensor result = at::empty(shape, input.options());
  const at::Tensor rows = input.contiguous();
  const int64_t longest = *std::max_element(sums.begin(), sums.end());
  const OrderedProduct product{rows.data_ptr<float>(),
                               panels.data_ptr<float>(),
                               inputs * kPackedPanel,
                               kPackedPanel,
                               longest * kPackedPanel,
                               has_bias ? bias->data_ptr<float>() : nullptr,
                               result.data_ptr<float>(),
                               rows.numel() / inputs,
                               inputs,
                               outputs,
                               sums,
                               fused};
  const int64_t cost = std::max<int64_t>(1, product.rows * inputs * kPackedPanel);
  at::parallel_for(0, panels.size(0), std::max<int64_t>(1, kWorthAThread / cost),
                   [&](int64_t from, int64_t to) { multiply_packed(product, from, to); });
  return result;
}

TORCH_LIBRARY_FRAGMENT(zerosearch, library) {
  library.def(
      "packed_linear(Tensor input, Tensor panels, int outputs, int[] sums, bool fused, Tensor? bias=None) -> Tensor");
}

TORCH_LIBRARY_IMPL(zerosearch, CPU, library) { library.impl("packed_linear", packed_linear); }

}  // namespace

}  // namespace binding
