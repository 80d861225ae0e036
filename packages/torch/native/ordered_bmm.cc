// zerosearch::ordered_bmm: products of many small matrices, as attention has them. The right ones are read where they
// lie, which BLAS libraries copy first. TypeScript's side is src/ordered-bmm.ts.

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>

#include "ordered_product.h"

namespace binding {

namespace {

// The matrices' rows can be read in whole panels: they are contiguous, and so many as fill them.
at::Tensor in_panels(const at::Tensor& right) {
  const int64_t left_over = right.size(2) % kPlainPanel;
  if (left_over != 0) return at::constant_pad_nd(right, {0, kPlainPanel - left_over});
  return right.stride(2) == 1 ? right : right.contiguous();
}

at::Tensor ordered_bmm(const at::Tensor& left, const at::Tensor& right, at::IntArrayRef sums, bool fused) {
  TORCH_CHECK(left.dim() == 3 && right.dim() == 3 && left.size(0) == right.size(0) && left.size(2) == right.size(1),
              "left must be (B, rows, inputs) and right (B, inputs, outputs), got ", left.sizes(), " and ",
              right.sizes());
  TORCH_CHECK(left.scalar_type() == at::kFloat && right.scalar_type() == at::kFloat, "left and right must be float32");
  TORCH_CHECK(covers(sums, left.size(2)), "sums must be lengths of at least 1, together ", left.size(2), ", got ",
              sums);
  TORCH_CHECK(!at::GradMode::is_enabled() || !(left.requires_grad() || right.requires_grad()),
              "ordered_bmm has no gradient: use bmm");
  const at::Tensor lefts = left.contiguous();
  const at::Tensor rights = in_panels(right);
  at::Tensor result = at::empty({left.size(0), left.size(1), rights.size(2)}, left.options());
  const int64_t rows = left.size(1);
  const int64_t inputs = left.size(2);
  const int64_t outputs = rights.size(2);
  const int64_t cost = std::max<int64_t>(1, rows * inputs * outputs);
  at::parallel_for(0, left.size(0), std::max<int64_t>(1, kWorthAThread / cost), [&](int64_t from, int64_t to) {
    for (int64_t index = from; index < to; ++index) {
      const float* matrix = rights.data_ptr<float>() + index * rights.stride(0);
      const int64_t ahead = index + 1 < to ? rights.stride(0) : 0;
      multiply_plain({lefts.data_ptr<float>() + index * rows * inputs, matrix, kPlainPanel, rights.stride(1), ahead,
                      nullptr, result.data_ptr<float>() + index * rows * outputs, rows, inputs, outputs, sums, fused});
    }
  });
  return result.narrow(2, 0, right.size(2));
}

TORCH_LIBRARY_FRAGMENT(zerosearch, library) {
  library.def("ordered_bmm(Tensor left, Tensor right, int[] sums, bool fused) -> Tensor");
}

TORCH_LIBRARY_IMPL(zerosearch, CPU, library) { library.impl("ordered_bmm", ordered_bmm); }

}  // namespace

}  // namespace binding
