// The innermost loops of a product. What is multiplied and added is rounded once where the processor can.

#include "kernels.h"
#include "vectors.h"

namespace binding {

namespace {

// Vectors of a tile's row: with kGroup rows its sums fill the registers.
constexpr int kVectors = VECTOR_BYTES == 64 ? 4 : 2;

INLINE void store(float* to, Vector x, bool adds) { put(to, adds ? load(to) + x : x); }

INLINE void store_some(float* to, Vector x, bool adds, int64_t count) {
  put_some(to, adds ? load_some(to, count) + x : x, count);
}

// kRows rows and kColumns vectors of outputs, or so many of them as `width` says, from `row` and `column` on.
// kWhole: whole vectors of the right matrix can be read.
template <int kRows, int kColumns, bool kWhole>
INLINE void tile(const Block& block, int64_t row, int64_t column, int64_t width) {
  float* const result = block.result + row * block.result_step + column;
  for (int r = 0; r < kRows; ++r) {
    for (int c = 0; c < kColumns; ++c) __builtin_prefetch(result + r * block.result_step + c * kLanes, 1);
  }
  const int64_t row_step = block.grouped ? 1 : block.left.row_step;
  const int64_t input_step = block.grouped ? kRows : block.left.column_step;
  const float* left = block.left.data + row * (block.grouped ? block.inputs : block.left.row_step);
  const float* right = block.right + column;
  Vector sums[kRows][kColumns] = {};
  for (int64_t input = 0; input < block.inputs; ++input) {
    Vector factors[kColumns];
    for (int c = 0; c < kColumns; ++c) {
      const int64_t left_over = width - c * kLanes;
      if (kWhole || left_over >= kLanes) {
        factors[c] = load(right + c * kLanes);
      } else {
        factors[c] = left_over > 0 ? load_some(right + c * kLanes, left_over) : Vector{};
      }
    }
    for (int r = 0; r < kRows; ++r) {
      const float factor = left[r * row_step];
      for (int c = 0; c < kColumns; ++c) sums[r][c] += factor * factors[c];
    }
    left += input_step;
    right += block.right_step;
  }
  for (int r = 0; r < kRows; ++r) {
    float* const to = result + r * block.result_step;
    for (int c = 0; c < kColumns; ++c) {
      const int64_t left_over = width - c * kLanes;
      if (left_over >= kLanes) {
        store(to + c * kLanes, sums[r][c], block.adds);
      } else if (left_over > 0) {
        store_some(to + c * kLanes, sums[r][c], block.adds, left_over);
      }
    }
  }
}

// The rows that are left: fewer than a whole tile has.
template <int kRows, int kColumns, bool kWhole>
INLINE void last_tile(const Block& block, int64_t row, int64_t column, int64_t width) {
  if constexpr (kRows > 0) {
    if (block.rows - row == kRows) {
      tile<kRows, kColumns, kWhole>(block, row, column, width);
    } else {
      last_tile<kRows - 1, kColumns, kWhole>(block, row, column, width);
    }
  }
}

template <int kRows, int kColumns, bool kWhole>
INLINE void rows_of(const Block& block, int64_t column, int64_t width) {
  int64_t row = 0;
  for (; row + kRows <= block.rows; row += kRows) tile<kRows, kColumns, kWhole>(block, row, column, width);
  last_tile<kRows - 1, kColumns, kWhole>(block, row, column, width);
}

template <int kRows, int kColumns>
INLINE void strip(const Block& block, int64_t column, int64_t width) {
  if (block.padded || width == kColumns * kLanes) {
    rows_of<kRows, kColumns, true>(block, column, width);
  } else {
    rows_of<kRows, kColumns, false>(block, column, width);
  }
}

}  // namespace

void FOR_ISA(multiply_block)(const Block& block) {
  for (int64_t column = 0; column < block.outputs; column += kVectors * kLanes) {
    const int64_t width = block.outputs - column;
    // Narrow tiles have more rows, so that the sums still hide the time that one takes.
    if (kVectors == 2 || width > 2 * kLanes) {
      strip<kGroup, kVectors>(block, column, width < kVectors * kLanes ? width : kVectors * kLanes);
    } else if (block.grouped) {
      strip<kGroup, 2>(block, column, width);
    } else if (width > kLanes) {
      strip<2 * kGroup, 2>(block, column, width);
    } else {
      strip<2 * kGroup, 1>(block, column, width);
    }
  }
}

}  // namespace binding
