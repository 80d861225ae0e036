// zerosearch::adamw_: one step of AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101, algorithm 2) for float32 on the
// CPU, in one pass over memory, where libtorch's older versions need nine. TypeScript's side is src/adamw-step.ts.

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include "kernels.h"

namespace binding {

namespace {

bool is_plain(const at::Tensor& x) { return x.scalar_type() == at::kFloat && x.device().is_cpu() && x.is_contiguous(); }

at::Tensor& adamw_(at::Tensor& parameter, const at::Tensor& given_gradient, at::Tensor& first, at::Tensor& second,
                   double kept, double beta1, double beta2, double rate, double correction, double epsilon) {
  const at::Tensor gradient = given_gradient.contiguous();
  for (const at::Tensor& x : {parameter, gradient, first, second}) {
    TORCH_CHECK(is_plain(x) && x.sizes() == parameter.sizes(),
                "parameter, gradient and moments must be contiguous float32 of one shape on the CPU, got ",
                x.scalar_type(), " ", x.sizes(), " beside ", parameter.sizes());
  }
  const AdamW step{parameter.data_ptr<float>(),        first.data_ptr<float>(),
                   second.data_ptr<float>(),           gradient.data_ptr<float>(),
                   static_cast<float>(kept),           static_cast<float>(beta1),
                   static_cast<float>(beta2),          static_cast<float>(1 - beta1),
                   static_cast<float>(1 - beta2),      static_cast<float>(rate),
                   static_cast<float>(1 / correction), static_cast<float>(epsilon)};
  constexpr int64_t kWorthAThread = 1 << 15;
  at::parallel_for(0, parameter.numel(), kWorthAThread,
                   [&](int64_t from, int64_t to) { kernels().adamw(step, from, to); });
  for (at::Tensor* written : {&parameter, &first, &second}) written->unsafeGetTensorImpl()->bump_version();
  return parameter;
}

TORCH_LIBRARY_FRAGMENT(zerosearch, library) {
  library.def(
      "adamw_(Tensor(a!) parameter, Tensor gradient, Tensor(b!) first, Tensor(c!) second, float kept, float beta1, "
      "float beta2, float rate, float correction, float epsilon) -> Tensor(a!)");
}

TORCH_LIBRARY_IMPL(zerosearch, CPU, library) { library.impl("adamw_", adamw_); }

}  // namespace

}  // namespace binding
