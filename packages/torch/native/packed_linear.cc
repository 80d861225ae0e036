// zerosearch::packed_linear: a product with a weight matrix that lies in panels. Laying a matrix out anew for each
// product costs more than the product where rows are few. Here packing is the caller's, once. TypeScript's side is
// src/packed-linear.ts.

#include <ATen/ATen.h>
#include <torch/library.h>

#include "product.h"

namespace binding {

namespace {

at::Tensor packed_linear(const at::Tensor& input, const at::Tensor& panels, int64_t outputs,
                         const c10::optional<at::Tensor>& bias) {
  TORCH_CHECK(panels.dim() == 3 && panels.size(2) == kPanel && panels.is_contiguous(),
              "panels must be (count, inputs, ", kPanel, ") and contiguous, got ", panels.sizes());
  const int64_t inputs = panels.size(1);
  TORCH_CHECK(input.dim() >= 1 && input.size(-1) == inputs, "input must have ", inputs, " columns, got shape ",
              input.sizes());
  TORCH_CHECK(input.scalar_type() == at::kFloat && panels.scalar_type() == at::kFloat,
              "input and panels must be float32");
  TORCH_CHECK(!at::GradMode::is_enabled() || !input.requires_grad(), "packed_linear has no gradient: use linear");
  TORCH_CHECK(outputs >= 0 && (outputs + kPanel - 1) / kPanel == panels.size(0), outputs, " outputs need ",
              (outputs + kPanel - 1) / kPanel, " panels, got ", panels.size(0));
  auto shape = input.sizes().vec();
  shape.back() = outputs;
  const bool has_bias = bias.has_value() && bias->defined();
  TORCH_CHECK(!has_bias || (bias->dim() == 1 && bias->size(0) == outputs && bias->scalar_type() == at::kFloat),
              "bias must be float32 of ", outputs, " numbers");
  const at::Tensor rows = input.contiguous();
  at::Tensor result = inputs == 0 ? at::zeros(shape, input.options()) : at::empty(shape, input.options());
  if (has_bias) result.copy_(*bias);
  const int64_t row_count = inputs == 0 ? 0 : rows.numel() / inputs;
  multiply({1,
            row_count,
            inputs,
            outputs,
            {rows.data_ptr<float>(), inputs, 1},
            {nullptr, 0, 0},
            result.data_ptr<float>(),
            outputs,
            0,
            0,
            0,
            has_bias,
            panels.data_ptr<float>()});
  return result;
}

TORCH_LIBRARY_FRAGMENT(zerosearch, library) {
  library.def("packed_linear(Tensor input, Tensor panels, int outputs, Tensor? bias=None) -> Tensor");
}

TORCH_LIBRARY_IMPL(zerosearch, CPU, library) { library.impl("packed_linear", packed_linear); }

}  // namespace

}  // namespace binding
