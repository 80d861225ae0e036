// Cutting products into blocks that fit the caches, and sharing them out among threads.

#include "product.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "kernels.h"
#include "packing.h"

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
  const bool packs = p.panels == nullptr && !reads;
  float* const panels = scratch(kPart * kColumns + kRows * kPart);
  float* const grouped = panels + kPart * kColumns;

  for (Span chunk{columns.from, columns.from}; chunk.from < columns.to; chunk.from = chunk.to) {
    chunk.to = std::min(columns.to, chunk.from + kColumns);
    for (Span part{0, 0}; part.from < p.inputs; part.from = part.to) {
      part.to = std::min(p.inputs, part.from + kPart);
      const auto panel_of = [&](int64_t column) { return panels + (column - chunk.from) * part.size(); };
      if (packs) {
        for (int64_t column = chunk.from; column < chunk.to; column += kPanel) {
          pack_panel(at(right, part.from, column), part.size(), std::min(kPanel, chunk.to - column), panel_of(column));
        }
      }
      for (Span block{rows.from, rows.from}; block.from < rows.to; block.from = block.to) {
        block.to = std::min(rows.to, block.from + kRows);
        const Matrix own = at(left, block.from, part.from);
        if (groups) group_rows(own, block.size(), part.size(), grouped);
        for (int64_t column = chunk.from; column < chunk.to; column += kPanel) {
          const float* panel = packs   ? panel_of(column)
                               : reads ? right.data + part.from * right.row_step + column
                                       : p.panels + column * p.inputs + part.from * kPanel;
          kernels().multiply_block({groups ? Matrix{grouped, 0, 0} : own, panel, reads ? right.row_step : kPanel,
                                    result + block.from * p.row_step + column, p.row_step, block.size(), part.size(),
                                    std::min(kPanel, chunk.to - column), p.adds || part.from > 0, groups, !reads});
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
