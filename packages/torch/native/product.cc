// Cutting products into blocks that fit the caches, and sharing them out among threads.

#include "product.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "transpose.h"

namespace binding {

namespace {

// Columns and rows that are packed at a time: (kPart, kColumns) and (kRows, kPart) stay in a core's own cache.
constexpr int64_t kColumns = 1024;
constexpr int64_t kRows = 32 * kGroup;
// A right matrix whose rows are contiguous is read where it lies if so few rows meet it.
constexpr int64_t kFewRows = 64;
// Groups of the left matrix are worth their making if they meet so many columns; rows that lie side by side, fewer.
constexpr int64_t kManyColumns = 512;
constexpr int64_t kManyColumnsOfTransposed = 128;
// Multiplications that are worth a thread, and columns.
constexpr int64_t kWorthAThread = 1 << 17;
constexpr int64_t kColumnsOfThread = 4 * kPanel;

Kernel best_kernel() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f")) return multiply_block_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return multiply_block_avx2;
#endif
  return multiply_block_baseline;
}

const Kernel kernel = best_kernel();

struct Span {
  int64_t from, to;
  int64_t size() const { return to - from; }
  // The part of so many, of a multiple of `unit` each.
  Span part(int64_t index, int64_t count, int64_t unit) const {
    const int64_t share = (size() + count * unit - 1) / (count * unit) * unit;
    return {std::min(to, from + index * share), std::min(to, from + (index + 1) * share)};
  }
};

Matrix at(const Matrix& matrix, int64_t row, int64_t column) {
  return {matrix.data + row * matrix.row_step + column * matrix.column_step, matrix.row_step, matrix.column_step};
}

// A thread's memory for what it packs.
float* scratch(int64_t floats) {
  thread_local std::unique_ptr<float[]> memory;
  thread_local int64_t size = 0;
  if (size < floats) {
    memory.reset(new float[floats + 16]);
    size = floats;
  }
  const auto address = reinterpret_cast<uintptr_t>(memory.get());
  return memory.get() + (64 - address % 64) % 64 / sizeof(float);
}

// Columns of a right matrix side by side: (inputs, kPanel), zeros after the last column up to whole vectors.
void pack_panel(const Matrix& right, int64_t inputs, int64_t columns, float* panel) {
  copy_matrix(right.data, right.row_step, right.column_step, inputs, columns, panel, kPanel);
  if (columns == kPanel) return;
  for (int64_t input = 0; input < inputs; ++input) {
    std::fill(panel + input * kPanel + columns, panel + (input + 1) * kPanel, 0.0f);
  }
}

// Rows of a left matrix in groups, as a block wants them.
void group_rows(const Matrix& left, int64_t rows, int64_t inputs, float* groups) {
  for (int64_t row = 0; row < rows; row += kGroup) {
    const int64_t size = std::min(kGroup, rows - row);
    copy_matrix(left.data + row * left.row_step, left.column_step, left.row_step, inputs, size, groups, size);
    groups += size * inputs;
  }
}

// One matrix's rows and columns, on one thread.
void multiply_serially(const Product& p, int64_t index, Span rows, Span columns) {
  const Matrix left{p.left.data + index * p.left_step, p.left.row_step, p.left.column_step};
  const Matrix right{p.right.data + index * p.right_step, p.right.row_step, p.right.column_step};
  float* const result = p.result + index * p.result_step;
  const bool is_transposed = left.column_step != 1 && p.inputs > 1;
  const bool groups = columns.size() >= (is_transposed ? kManyColumnsOfTransposed : kManyColumns);
  const bool reads = p.panels == nullptr && right.column_step == 1 && rows.size() <= kFewRows;
  float* const panels = scratch(kPart * kColumns + kRows * kPart);
  float* const grouped = panels + kPart * kColumns;

  for (Span chunk{columns.from, columns.from}; chunk.from < columns.to; chunk.from = chunk.to) {
    chunk.to = std::min(columns.to, chunk.from + kColumns);
    for (Span part{0, 0}; part.from < p.inputs; part.from = part.to) {
      part.to = std::min(p.inputs, part.from + kPart);
      const auto panel_of = [&](int64_t column) { return panels + (column - chunk.from) * part.size(); };
      const auto is_read = [&](int64_t column) { return reads && column + kPanel <= chunk.to; };
      if (p.panels == nullptr) {
        for (int64_t column = chunk.from; column < chunk.to; column += kPanel) {
          if (is_read(column)) continue;
          pack_panel(at(right, part.from, column), part.size(), std::min(kPanel, chunk.to - column), panel_of(column));
        }
      }
      for (Span block{rows.from, rows.from}; block.from < rows.to; block.from = block.to) {
        block.to = std::min(rows.to, block.from + kRows);
        const Matrix own = at(left, block.from, part.from);
        if (groups) group_rows(own, block.size(), part.size(), grouped);
        for (int64_t column = chunk.from; column < chunk.to; column += kPanel) {
          const float* panel = is_read(column)        ? right.data + part.from * right.row_step + column
                               : p.panels == nullptr ? panel_of(column)
                                                      : p.panels + column * p.inputs + part.from * kPanel;
          kernel({groups ? Matrix{grouped, 0, 0} : own, panel, is_read(column) ? right.row_step : kPanel,
                  result + block.from * p.row_step + column, p.row_step, block.size(), part.size(),
                  std::min(kPanel, chunk.to - column), p.adds || part.from > 0, groups});
        }
      }
    }
  }
}

}  // namespace

void multiply(const Product& product) {
  const int64_t work = product.rows * product.inputs * product.outputs;
  if (product.count == 0 || work == 0) return;
  const int64_t worth = std::max<int64_t>(1, product.count * work / kWorthAThread);
  const int64_t threads = std::min<int64_t>(at::get_num_threads(), worth);
  // Matrices first, then columns, for threads pack those for themselves, then rows.
  const int64_t pieces = (threads + product.count - 1) / product.count;
  const int64_t across = std::clamp<int64_t>(product.outputs / kColumnsOfThread, 1, pieces);
  const int64_t down = pieces / across;
  const int64_t tasks = product.count * across * down;
  at::parallel_for(0, tasks, (tasks + threads - 1) / threads, [&](int64_t from, int64_t to) {
    for (int64_t task = from; task < to; ++task) {
      const Span rows = Span{0, product.rows}.part(task / across % down, down, kGroup);
      const Span columns = Span{0, product.outputs}.part(task % across, across, kPanel);
      if (rows.size() > 0 && columns.size() > 0) multiply_serially(product, task / (across * down), rows, columns);
    }
  });
}

}  // namespace binding
