// mm, addmm, bmm and baddbmm of float32 on the CPU, in place of libtorch's own, which leave them to the linked BLAS.
// Autograd stands before them in the dispatcher and is unchanged; what they don't compute goes to libtorch's kernels.

#include "products.h"

#include <ATen/ATen.h>
#include <ATen/CPUFunctions.h>
#include <ATen/native/Resize.h>
#include <c10/util/Exception.h>
#include <torch/csrc/api/include/torch/version.h>
#include <torch/library.h>

#include "product.h"

namespace binding {

namespace {

using at::Scalar;
using at::Tensor;

// float32, not empty, and the sizes fit: of 2 dimensions, or of 3 where the first counts matrices.
bool are_factors(const Tensor& left, const Tensor& right, int64_t dimensions) {
  return left.scalar_type() == at::kFloat && right.scalar_type() == at::kFloat && left.layout() == at::kStrided &&
         right.layout() == at::kStrided && left.device().is_cpu() && right.device().is_cpu() &&
         left.dim() == dimensions && right.dim() == dimensions && left.size(-1) == right.size(-2) &&
         (dimensions == 2 || left.size(0) == right.size(0)) && left.numel() > 0 && right.numel() > 0;
}

std::vector<int64_t> shape_of_product(const Tensor& left, const Tensor& right) {
  auto shape = left.sizes().vec();
  shape.back() = right.size(-1);
  return shape;
}

// Of one matrix there is one step to the next, whatever it says.
int64_t step(const Tensor& x) { return x.dim() == 3 ? x.stride(0) : 0; }

// result = left · right, or added to it. The result's rows are contiguous.
void multiply_into(const Tensor& left, const Tensor& right, const Tensor& result, bool adds) {
  multiply({left.dim() == 3 ? left.size(0) : 1,
            left.size(-2),
            left.size(-1),
            right.size(-1),
            {left.data_ptr<float>(), left.stride(-2), left.stride(-1)},
            {right.data_ptr<float>(), right.stride(-2), right.stride(-1)},
            result.data_ptr<float>(),
            result.stride(-2),
            step(left),
            step(right),
            step(result),
            adds,
            nullptr});
}

Tensor product_of(const Tensor& left, const Tensor& right) {
  Tensor result = at::empty(shape_of_product(left, right), left.options());
  multiply_into(left, right, result, false);
  return result;
}

// Whether the sum of `self`, which may be broadcast, and a product can be computed here.
bool is_summand(const Tensor& self, const Tensor& left, const Tensor& right) {
  if (self.scalar_type() != at::kFloat || self.layout() != at::kStrided || !self.device().is_cpu()) return false;
  const auto shape = shape_of_product(left, right);
  const int64_t missing = static_cast<int64_t>(shape.size()) - self.dim();
  if (missing < 0) return false;
  for (int64_t i = 0; i < self.dim(); ++i) {
    if (self.size(i) != 1 && self.size(i) != shape[missing + i]) return false;
  }
  return true;
}

// beta · self + alpha · left · right; what beta = 0 multiplies is not looked at.
Tensor sum_with_product(const Tensor& self, const Tensor& left, const Tensor& right, const Scalar& beta,
                        const Scalar& alpha) {
  const double kept = beta.toDouble();
  const double share = alpha.toDouble();
  if (kept == 0 || share != 1) {
    Tensor result = product_of(left, right);
    if (share != 1) result.mul_(share);
    if (kept != 0) result.add_(self, kept);
    return result;
  }
  Tensor result = at::empty(shape_of_product(left, right), left.options());
  result.copy_(self);
  if (kept != 1) result.mul_(kept);
  multiply_into(left, right, result, true);
  return result;
}

// A result that can be written where it is asked for: nothing else lies there.
bool is_free(const Tensor& out, const Tensor& left, const Tensor& right) {
  return out.scalar_type() == at::kFloat && out.layout() == at::kStrided && out.device().is_cpu() &&
         out.is_contiguous() && !out.is_alias_of(left) && !out.is_alias_of(right);
}

void put(Tensor& out, const Tensor& result) {
  at::native::resize_output(out, result.sizes());
  out.copy_(result);
}

template <int64_t kDimensions, auto kOthers>
Tensor product(const Tensor& left, const Tensor& right) {
  return are_factors(left, right, kDimensions) ? product_of(left, right) : kOthers(left, right);
}

template <int64_t kDimensions, auto kOthers>
Tensor& product_out(const Tensor& left, const Tensor& right, Tensor& out) {
  if (!are_factors(left, right, kDimensions) || out.scalar_type() != at::kFloat) return kOthers(out, left, right);
  if (is_free(out, left, right) && out.sizes() == shape_of_product(left, right)) {
    multiply_into(left, right, out, false);
  } else {
    put(out, product_of(left, right));
  }
  return out;
}

template <int64_t kDimensions, auto kOthers>
Tensor sum(const Tensor& self, const Tensor& left, const Tensor& right, const Scalar& beta, const Scalar& alpha) {
  const bool ours = are_factors(left, right, kDimensions) && is_summand(self, left, right);
  return ours ? sum_with_product(self, left, right, beta, alpha) : kOthers(self, left, right, beta, alpha);
}

template <int64_t kDimensions, auto kOthers>
Tensor& sum_out(const Tensor& self, const Tensor& left, const Tensor& right, const Scalar& beta, const Scalar& alpha,
                Tensor& out) {
  if (!are_factors(left, right, kDimensions) || !is_summand(self, left, right) || out.scalar_type() != at::kFloat) {
    return kOthers(out, self, left, right, beta, alpha);
  }
  if (beta.toDouble() == 1 && alpha.toDouble() == 1 && is_free(out, left, right) &&
      out.sizes() == shape_of_product(left, right) && !out.is_alias_of(self)) {
    out.copy_(self);
    multiply_into(left, right, out, true);
  } else {
    put(out, sum_with_product(self, left, right, beta, alpha));
  }
  return out;
}

template <int64_t kDimensions, auto kOthers>
Tensor& sum_in_place(Tensor& self, const Tensor& left, const Tensor& right, const Scalar& beta, const Scalar& alpha) {
  const bool ours = are_factors(left, right, kDimensions) && is_summand(self, left, right) &&
                    self.sizes() == shape_of_product(left, right);
  if (!ours) return kOthers(self, left, right, beta, alpha);
  if (beta.toDouble() == 1 && alpha.toDouble() == 1 && is_free(self, left, right)) {
    multiply_into(left, right, self, true);
  } else {
    self.copy_(sum_with_product(self, left, right, beta, alpha));
  }
  return self;
}

// libtorch's own kernels, past the dispatcher.
Tensor other_mm(const Tensor& left, const Tensor& right) { return at::cpu::mm(left, right); }
Tensor& other_mm_out(Tensor& out, const Tensor& left, const Tensor& right) { return at::cpu::mm_out(out, left, right); }
Tensor other_bmm(const Tensor& left, const Tensor& right) { return at::cpu::bmm(left, right); }
Tensor& other_bmm_out(Tensor& out, const Tensor& left, const Tensor& right) {
  return at::cpu::bmm_out(out, left, right);
}
Tensor other_addmm(const Tensor& self, const Tensor& left, const Tensor& right, const Scalar& beta,
                   const Scalar& alpha) {
  return at::cpu::addmm(self, left, right, beta, alpha);
}
Tensor& other_addmm_out(Tensor& out, const Tensor& self, const Tensor& left, const Tensor& right, const Scalar& beta,
                        const Scalar& alpha) {
  return at::cpu::addmm_out(out, self, left, right, beta, alpha);
}
Tensor& other_addmm_in_place(Tensor& self, const Tensor& left, const Tensor& right, const Scalar& beta,
                             const Scalar& alpha) {
  return at::cpu::addmm_(self, left, right, beta, alpha);
}
Tensor other_baddbmm(const Tensor& self, const Tensor& left, const Tensor& right, const Scalar& beta,
                     const Scalar& alpha) {
  return at::cpu::baddbmm(self, left, right, beta, alpha);
}
Tensor& other_baddbmm_out(Tensor& out, const Tensor& self, const Tensor& left, const Tensor& right, const Scalar& beta,
                          const Scalar& alpha) {
  return at::cpu::baddbmm_out(out, self, left, right, beta, alpha);
}
Tensor& other_baddbmm_in_place(Tensor& self, const Tensor& left, const Tensor& right, const Scalar& beta,
                               const Scalar& alpha) {
  return at::cpu::baddbmm_(self, left, right, beta, alpha);
}

// libtorch warns of every kernel that is replaced; here it is meant.
#if TORCH_VERSION_MAJOR < 2
struct Silence : c10::WarningHandler {
  Silence() : before(c10::Warning::get_warning_handler()) { c10::Warning::set_warning_handler(this); }
  ~Silence() override { c10::Warning::set_warning_handler(before); }
  void process(const c10::SourceLocation&, const std::string&, bool) override {}
  c10::WarningHandler* before;
};
#else
struct Silence : c10::WarningHandler {
  void process(const c10::Warning&) override {}
  c10::WarningUtils::WarningHandlerGuard guard{this};
};
#endif

}  // namespace

void take_over_products() {
  Silence silence;
  // Never destroyed: libtorch's dispatcher may be gone by then.
  auto& library = *new torch::Library(torch::Library::IMPL, "aten", c10::DispatchKey::CPU, __FILE__, __LINE__);
  library.impl("mm", product<2, other_mm>);
  library.impl("mm.out", product_out<2, other_mm_out>);
  library.impl("bmm", product<3, other_bmm>);
  library.impl("bmm.out", product_out<3, other_bmm_out>);
  library.impl("addmm", sum<2, other_addmm>);
  library.impl("addmm.out", sum_out<2, other_addmm_out>);
  library.impl("addmm_", sum_in_place<2, other_addmm_in_place>);
  library.impl("baddbmm", sum<3, other_baddbmm>);
  library.impl("baddbmm.out", sum_out<3, other_baddbmm_out>);
  library.impl("baddbmm_", sum_in_place<3, other_baddbmm_in_place>);
}

}  // namespace binding
