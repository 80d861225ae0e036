// Copying a small matrix whose columns or rows are contiguous.

#pragma once

#include <cstdint>
#include <cstring>

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
    for (int64_t row = 0; row < rows; ++row) std::memcpy(to + row * to_step, from + row * row_step, columns * sizeof(float));
    return;
  }
  int64_t column = 0;
  for (; row_step == 1 && column + 4 <= columns; column += 4) {
    const float* source = from + column * column_step;
    int64_t row = 0;
    for (; row + 4 <= rows; row += 4) transpose_four(source + row, column_step, to + row * to_step + column, to_step);
    for (; row < rows; ++row) {
      for (int i = 0; i < 4; ++i) to[row * to_step + column + i] = source[row + i * column_step];
    }
  }
  for (; column < columns; ++column) {
    for (int64_t row = 0; row < rows; ++row) to[row * to_step + column] = from[row * row_step + column * column_step];
  }
}

}  // namespace binding
