// zerosearch::adamw_: one step of AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101, algorithm 2) for float32 on the
// CPU, in one pass over memory, where libtorch's older versions need nine. TypeScript's side is src/adamw-step.ts.

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include "kernels.h"

namespace binding {

namespace {

// What was computed in place is counted as a write, which nobody else does for an operator of ours and packed weights
// ask for; a copy goes back.
void put_back(at::Tensor& x, const at::Tensor& computed) {
  if (x.is_same(computed)) {
    x.unsafeGetTensorImpl()->bump_version();
  } else {
    x.copy_(computed);
  }
}

at::Tensor& adamw_(at::Tensor& parameter, const at::Tensor& given_gradient, at::Tensor& first, at::Tensor& second,
                   double kept, double beta1, double beta2, double rate, double correction, double epsilon) {
  for (const at::Tensor* x : std::initializer_list<const at::Tensor*>{&parameter, &given_gradient, &first, &second}) {
    TORCH_CHECK(x->scalar_type() == at::kFloat && x->device().is_cpu() && x->sizes() == parameter.sizes(),
                "parameter, gradient and moments must be float32 of one shape on the CPU, got ", x->scalar_type(), " ",
                x->sizes(), " beside ", parameter.sizes());
  }
  const at::Tensor gradient = given_gradient.contiguous();
  const at::Tensor new_parameter = parameter.contiguous(), new_first = first.contiguous(),
                   new_second = second.contiguous();
  const AdamW step{new_parameter.data_ptr<float>(), new_first.data_ptr<float>(),        new_second.data_ptr<float>(),
                   gradient.data_ptr<float>(),      static_cast<float>(kept),           static_cast<float>(beta1),
                   static_cast<float>(beta2),       static_cast<float>(1 - beta1),      static_cast<float>(1 - beta2),
                   static_cast<float>(rate),        static_cast<float>(1 / correction), static_cast<float>(epsilon)};
  constexpr int64_t kWorthAThread = 1 << 15;
  at::parallel_for(0, parameter.numel(), kWorthAThread,
                   [&](int64_t from, int64_t to) { kernels().adamw(step, from, to); });
  put_back(parameter, new_parameter);
  put_back(first, new_first);
  put_back(second, new_second);
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
