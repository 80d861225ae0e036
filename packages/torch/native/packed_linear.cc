// zerosearch::packed_linear: a product with a weight matrix that lies in panels, summed in a known order. BLAS
// libraries pack a matrix anew for each product, which costs more than the product where rows are few, and sum
// otherwise for few rows than for many. Here packing is the caller's, once, and every element is summed for itself, in
// an order that the caller states: its bits depend on nothing beside it. TypeScript's side is src/packed-linear.ts.

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>

#if defined(__x86_64__) && defined(__GNUC__)
#define TARGET_AVX512 __attribute__((target("avx512f")))
#define TARGET_AVX2 __attribute__((target("avx2,fma")))
#define INLINE inline __attribute__((always_inline))
#else
#define INLINE inline
#endif

namespace binding {

namespace {

// Outputs of a panel, in which weights lie (inputs, kPanel).
constexpr int64_t kPanel = 64;
// Numbers that the processor fetches at once.
constexpr int kCacheLine = 16;
// Products of fewer multiplications than this are not worth a second thread.
constexpr int64_t kWorthAThread = 1 << 17;

struct Product {
  const float* input;   // (rows, inputs)
  const float* panels;  // (panels, inputs, kPanel)
  const float* bias;    // (outputs) or nothing
  float* result;        // (rows, outputs)
  int64_t rows, inputs, outputs;
  at::IntArrayRef sums;  // the inputs are summed in parts of these lengths
  bool fused;
};

// What is summed in one go: the panel's inputs from `start` to `end`, for outputs from `column` on.
struct Part {
  const float* panel;
  int64_t column, start, end;
};

// result = bias + input · panel, later parts added to it: kRows rows from `row` on, kWidth outputs at a time. Of the
// part that comes next, half is fetched meanwhile, the halves in turn: prefetchers stop at the end of a page.
template <bool kFused, bool kFetches, int kRows, int kWidth>
INLINE void tile(const Product& p, const Part& part, int64_t row) {
  const int64_t half = (part.end - part.start) * (kPanel / 2);
  const float* ahead = part.panel + part.end * kPanel + row / kRows % 2 * half;
  for (int64_t first = 0; first < kPanel && part.column + first < p.outputs; first += kWidth) {
    float sum[kRows][kWidth] = {};
    for (int64_t k = part.start; k < part.end; ++k) {
      const float* weights = part.panel + k * kPanel + first;
      if (kFetches) {
        for (int n = 0; n < kWidth / 2; n += kCacheLine) __builtin_prefetch(ahead + n, 0, 2);
        ahead += kWidth / 2;
      }
      for (int r = 0; r < kRows; ++r) {
        const float factor = p.input[(row + r) * p.inputs + k];
        for (int n = 0; n < kWidth; ++n) {
          sum[r][n] = kFused ? __builtin_fmaf(factor, weights[n], sum[r][n]) : sum[r][n] + factor * weights[n];
        }
      }
    }
    const int64_t output = part.column + first;
    const int64_t width = std::min<int64_t>(kWidth, p.outputs - output);
    for (int r = 0; r < kRows; ++r) {
      float* result = p.result + (row + r) * p.outputs + output;
      if (part.start > 0) {
        for (int64_t n = 0; n < width; ++n) result[n] += sum[r][n];
      } else if (p.bias != nullptr) {
        for (int64_t n = 0; n < width; ++n) result[n] = p.bias[output + n] + sum[r][n];
      } else {
        std::copy_n(sum[r], width, result);
      }
    }
  }
}

// Tiles of kRows rows for as long as they fit. Returns the first row that is left.
template <bool kFused, int kRows, int kWidth>
INLINE int64_t tiles(const Product& p, const Part& part, int64_t row, bool fetches) {
  for (; row + kRows <= p.rows; row += kRows) {
    if (fetches) {
      tile<kFused, true, kRows, kWidth>(p, part, row);
    } else {
      tile<kFused, false, kRows, kWidth>(p, part, row);
    }
  }
  return row;
}

// Panels `from` to `to`. Part of a panel stays in the cache while the rows pass by; the sums of a tile stay in
// registers.
template <int kMostRows, int kWidth, bool kFused>
INLINE void multiply_panels(const Product& p, int64_t from, int64_t to) {
  for (int64_t index = from; index < to; ++index) {
    const bool fetches = p.rows > kMostRows;  // what one tile holds is done before fetching would help
    Part part{p.panels + index * p.inputs * kPanel, index * kPanel, 0, 0};
    for (const int64_t length : p.sums) {
      part.end = part.start + length;
      int64_t row = tiles<kFused, kMostRows, kWidth>(p, part, 0, fetches);
      row = tiles<kFused, std::min(kMostRows, 4), kWidth>(p, part, row, fetches);
      row = tiles<kFused, std::min(kMostRows, 3), kWidth>(p, part, row, fetches);
      row = tiles<kFused, 2, kWidth>(p, part, row, fetches);
      tiles<kFused, 1, kPanel>(p, part, row, fetches);
      part.start = part.end;
    }
  }
}

// A tile of kMostRows rows and kWidth outputs fills the registers that a processor has. Compilers unroll loops of 16
// outputs before they could put them into vectors, so kWidth is more than that.
template <int kMostRows, int kWidth>
INLINE void multiply(const Product& p, int64_t from, int64_t to) {
  if (p.fused) {
    multiply_panels<kMostRows, kWidth, true>(p, from, to);
  } else {
    multiply_panels<kMostRows, kWidth, false>(p, from, to);
  }
}

using Multiply = void (*)(const Product&, int64_t, int64_t);

void multiply_plain(const Product& p, int64_t from, int64_t to) { multiply<2, 32>(p, from, to); }

#ifdef TARGET_AVX2
TARGET_AVX512 void multiply_avx512(const Product& p, int64_t from, int64_t to) { multiply<6, 64>(p, from, to); }
TARGET_AVX2 void multiply_avx2(const Product& p, int64_t from, int64_t to) { multiply<3, 32>(p, from, to); }

Multiply best_multiply() {
  if (__builtin_cpu_supports("avx512f")) return multiply_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return multiply_avx2;
  return multiply_plain;
}
#else
Multiply best_multiply() { return multiply_plain; }
#endif

at::Tensor packed_linear(const at::Tensor& input, const at::Tensor& panels, int64_t outputs, at::IntArrayRef sums,
                         bool fused, const c10::optional<at::Tensor>& bias) {
  TORCH_CHECK(panels.dim() == 3 && panels.size(2) == kPanel && panels.is_contiguous(),
              "panels must be (count, inputs, ", kPanel, ") and contiguous, got ", panels.sizes());
  TORCH_CHECK(input.dim() >= 1 && input.size(-1) == panels.size(1), "input must have ", panels.size(1),
              " columns, got shape ", input.sizes());
  TORCH_CHECK(input.scalar_type() == at::kFloat && panels.scalar_type() == at::kFloat,
              "input and panels must be float32");
  int64_t left = panels.size(1);
  for (const int64_t length : sums) {
    TORCH_CHECK(length > 0 && length <= left, "sums must be lengths of at least 1, together ", panels.size(1), ", got ",
                sums);
    left -= length;
  }
  TORCH_CHECK(left == 0 && !sums.empty(), "sums must be lengths of at least 1, together ", panels.size(1), ", got ",
              sums);
  TORCH_CHECK(!at::GradMode::is_enabled() || !input.requires_grad(), "packed_linear has no gradient: use linear");
  TORCH_CHECK(outputs >= 0 && (outputs + kPanel - 1) / kPanel == panels.size(0), outputs, " outputs need ",
              (outputs + kPanel - 1) / kPanel, " panels, got ", panels.size(0));
  auto shape = input.sizes().vec();
  shape.back() = outputs;
  const bool has_bias = bias.has_value() && bias->defined();
  TORCH_CHECK(!has_bias || (bias->dim() == 1 && bias->size(0) == outputs && bias->scalar_type() == at::kFloat &&
                            bias->is_contiguous()),
              "bias must be contiguous float32 of ", outputs, " numbers");
  at::Tensor result = at::empty(shape, input.options());
  const at::Tensor rows = input.contiguous();
  const int64_t inputs = input.size(-1);
  const Product product{rows.data_ptr<float>(),
                        panels.data_ptr<float>(),
                        has_bias ? bias->data_ptr<float>() : nullptr,
                        result.data_ptr<float>(),
                        rows.numel() / inputs,
                        inputs,
                        outputs,
                        sums,
                        fused};
  static const Multiply multiply_fastest = best_multiply();
  const int64_t cost = std::max<int64_t>(1, product.rows * inputs * kPanel);
  at::parallel_for(0, panels.size(0), std::max<int64_t>(1, kWorthAThread / cost),
                   [&](int64_t from, int64_t to) { multiply_fastest(product, from, to); });
  return result;
}

TORCH_LIBRARY(zerosearch, library) {
  library.def(
      "packed_linear(Tensor input, Tensor panels, int outputs, int[] sums, bool fused, Tensor? bias=None) -> Tensor");
}

TORCH_LIBRARY_IMPL(zerosearch, CPU, library) { library.impl("packed_linear", packed_linear); }

}  // namespace

}  // namespace binding
