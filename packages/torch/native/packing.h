// Laying matrices out as the kernels want them.

#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "product.h"

namespace binding {

// Four rows and columns, transposed.
inline void transpose_four(const float* from, int64_t from_step, float* to, int64_t to_step) {
  using Four = float __attribute__((vector_size(16)));
  using Unaligned = float __attribute__((vector_size(16), aligned(4), may_alias));
  using Places = int __attribute__((vector_size(16)));
  Four x[4];
  for (int i = 0; i < 4; ++i) x[i] = *reinterpret_cast<const Unaligned*>(from + i * from_step);
  const Four a = __builtin_shuffle(x[0], x[1], Places{0, 4, 1, 5});
  const Four b = __builtin_shuffle(x[2], x[3], Places{0, 4, 1, 5});
  const Four c = __builtin_shuffle(x[0], x[1], Places{2, 6, 3, 7});
  const Four d = __builtin_shuffle(x[2], x[3], Places{2, 6, 3, 7});
  const auto put = [&](int row, Four value) { *reinterpret_cast<Unaligned*>(to + row * to_step) = value; };
  put(0, __builtin_shuffle(a, b, Places{0, 1, 4, 5}));
  put(1, __builtin_shuffle(a, b, Places{2, 3, 6, 7}));
  put(2, __builtin_shuffle(c, d, Places{0, 1, 4, 5}));
  put(3, __builtin_shuffle(c, d, Places{2, 3, 6, 7}));
}

// (rows, columns), read by the steps given, written with contiguous columns.
inline void copy_matrix(const float* from, int64_t row_step, int64_t column_step, int64_t rows, int64_t columns,
                        float* to, int64_t to_step) {
  if (column_step == 1) {
    for (int64_t row = 0; row < rows; ++row)
      std::memcpy(to + row * to_step, from + row * row_step, columns * sizeof(float));
    return;
  }
  constexpr int64_t kRows = 32;  // what is written stays in the nearest cache
  int64_t column = 0;
  for (int64_t block = 0; row_step == 1 && block < rows; block += kRows) {
    const int64_t end = std::min(rows, block + kRows);
    for (column = 0; column + 4 <= columns; column += 4) {
      const float* source = from + column * column_step;
      int64_t row = block;
      for (; row + 4 <= end; row += 4) transpose_four(source + row, column_step, to + row * to_step + column, to_step);
      for (; row < end; ++row) {
        for (int i = 0; i < 4; ++i) to[row * to_step + column + i] = source[row + i * column_step];
      }
    }
  }
  for (; column < columns; ++column) {
    for (int64_t row = 0; row < rows; ++row) to[row * to_step + column] = from[row * row_step + column * column_step];
  }
}

// Columns of a right matrix side by side: (inputs, kPanel), zeros after the last column.
inline void pack_panel(const Matrix& right, int64_t inputs, int64_t columns, float* panel) {
  copy_matrix(right.data, right.row_step, right.column_step, inputs, columns, panel, kPanel);
  if (columns == kPanel) return;
  for (int64_t input = 0; input < inputs; ++input) {
    std::fill(panel + input * kPanel + columns, panel + (input + 1) * kPanel, 0.0f);
  }
}

// A thread's memory for what it packs, aligned to a vector.
float* scratch(int64_t floats);

}  // namespace binding
