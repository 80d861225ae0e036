#include "ordered_product.h"

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

// Numbers that the processor fetches at once.
constexpr int kCacheLine = 16;

// What is summed in one go: the panel's inputs from `start` to `end`, for outputs from `column` on.
struct Part {
  const float* panel;
  int64_t column, start, end;
};

// result = bias + left · panel, later parts added to it: kRows rows from `row` on, kWidth outputs at a time. What comes
// next is fetched meanwhile, packed panels by halves in turn: the processor's own prefetching ends with a page.
template <bool kFused, bool kFetches, int kRows, int kWidth, int kPanel>
INLINE void tile(const OrderedProduct& p, const Part& part, int64_t row) {
  constexpr int kFetched = kPanel == kPackedPanel ? kWidth / 2 : kWidth;
  const int64_t ahead = p.ahead + (kPanel == kPackedPanel ? row / kRows % 2 * kFetched : 0);
  for (int64_t first = 0; first < kPanel && part.column + first < p.outputs; first += kWidth) {
    float sum[kRows][kWidth] = {};
    for (int64_t k = part.start; k < part.end; ++k) {
      const float* factors = part.panel + k * p.stride + first;
      if (kFetches) {
        for (int n = 0; n < kFetched; n += kCacheLine) __builtin_prefetch(factors + ahead + n, 0, 2);
      }
      for (int r = 0; r < kRows; ++r) {
        const float factor = p.left[(row + r) * p.inputs + k];
        for (int n = 0; n < kWidth; ++n) {
          sum[r][n] = kFused ? __builtin_fmaf(factor, factors[n], sum[r][n]) : sum[r][n] + factor * factors[n];
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
template <bool kFused, int kRows, int kWidth, int kPanel>
INLINE int64_t tiles(const OrderedProduct& p, const Part& part, int64_t row, bool fetches) {
  for (; row + kRows <= p.rows; row += kRows) {
    if (fetches) {
      tile<kFused, true, kRows, kWidth, kPanel>(p, part, row);
    } else {
      tile<kFused, false, kRows, kWidth, kPanel>(p, part, row);
    }
  }
  return row;
}

// Panels `from` to `to`. Part of a panel stays in the cache while the rows pass by; the sums of a tile stay in
// registers.
template <int kMostRows, int kWidth, int kPanel, bool kFused>
INLINE void multiply_panels(const OrderedProduct& p, int64_t from, int64_t to) {
  // A part that meets but one tile is done before fetching the next would help; another matrix is worth it always.
  const bool fetches = p.ahead != 0 && (kPanel == kPlainPanel || p.rows > kMostRows);
  for (int64_t index = from; index < to; ++index) {
    Part part{p.right + index * p.panel_step, index * kPanel, 0, 0};
    for (const int64_t length : p.sums) {
      part.end = part.start + length;
      int64_t row = tiles<kFused, kMostRows, kWidth, kPanel>(p, part, 0, fetches);
      row = tiles<kFused, std::min(kMostRows, 4), kWidth, kPanel>(p, part, row, fetches);
      row = tiles<kFused, std::min(kMostRows, 3), kWidth, kPanel>(p, part, row, fetches);
      row = tiles<kFused, 2, kWidth, kPanel>(p, part, row, fetches);
      tiles<kFused, 1, kPanel, kPanel>(p, part, row, fetches);
      part.start = part.end;
    }
  }
}

// A tile of kMostRows rows and kWidth outputs fills the registers that a processor has. Compilers unroll loops of 16
// outputs before they could put them into vectors, so kWidth is more than that.
template <int kMostRows, int kWidth, int kPanel>
INLINE void multiply(const OrderedProduct& p, int64_t from, int64_t to) {
  if (p.fused) {
    multiply_panels<kMostRows, kWidth, kPanel, true>(p, from, to);
  } else {
    multiply_panels<kMostRows, kWidth, kPanel, false>(p, from, to);
  }
}

using Multiply = void (*)(const OrderedProduct&, int64_t, int64_t);

// How a processor multiplies with panels of either width.
struct Kernels {
  Multiply packed, plain;
};

template <int kPanel>
void multiply_anywhere(const OrderedProduct& p, int64_t from, int64_t to) {
  multiply<2, 32, kPanel>(p, from, to);
}

#ifdef TARGET_AVX2
TARGET_AVX512 void multiply_avx512_packed(const OrderedProduct& p, int64_t from, int64_t to) {
  multiply<6, 64, kPackedPanel>(p, from, to);
}
TARGET_AVX512 void multiply_avx512_plain(const OrderedProduct& p, int64_t from, int64_t to) {
  multiply<8, 32, kPlainPanel>(p, from, to);
}
template <int kPanel>
TARGET_AVX2 void multiply_avx2(const OrderedProduct& p, int64_t from, int64_t to) {
  multiply<3, 32, kPanel>(p, from, to);
}

Kernels best_kernels() {
  if (__builtin_cpu_supports("avx512f")) return {multiply_avx512_packed, multiply_avx512_plain};
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return {multiply_avx2<kPackedPanel>, multiply_avx2<kPlainPanel>};
  }
  return {multiply_anywhere<kPackedPanel>, multiply_anywhere<kPlainPanel>};
}
#else
Kernels best_kernels() { return {multiply_anywhere<kPackedPanel>, multiply_anywhere<kPlainPanel>}; }
#endif

const Kernels& kernels() {
  static const Kernels best = best_kernels();
  return best;
}

}  // namespace

void multiply_packed(const OrderedProduct& product, int64_t from, int64_t to) { kernels().packed(product, from, to); }

void multiply_plain(const OrderedProduct& product) { kernels().plain(product, 0, product.outputs / kPlainPanel); }

bool covers(at::IntArrayRef sums, int64_t inputs) {
  for (const int64_t length : sums) {
    if (length < 1 || length > inputs) return false;
    inputs -= length;
  }
  return inputs == 0 && !sums.empty();
}

}  // namespace binding
