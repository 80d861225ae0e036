#include "attention.h"

#include <algorithm>

namespace binding {

void multiply_blocks(Matrix left, const float* right, int64_t right_step, float* result, int64_t result_step,
                     int64_t rows, int64_t inputs, int64_t columns, bool adds) {
  for (int64_t part = 0; part < inputs; part += kPart) {
    for (int64_t column = 0; column < columns; column += kPanel) {
      kernels().multiply_block({{left.data + part * left.column_step, left.row_step, left.column_step},
                                right + part * right_step + column,
                                right_step,
                                result + column,
                                result_step,
                                rows,
                                std::min(kPart, inputs - part),
                                std::min(kPanel, columns - column),
                                adds || part > 0,
                                false,
                                false});
    }
  }
}

void score(Matrix query, const float* keys, int64_t head_size, float* scores, int64_t step, int64_t rows,
           int64_t count) {
  for (int64_t index = 0; index * kPanel < count; ++index) {
    for (int64_t part = 0; part < head_size; part += kPart) {
      kernels().multiply_block({{query.data + part, query.row_step, 1},
                                keys + (index * head_size + part) * kPanel,
                                kPanel,
                                scores + index * kPanel,
                                step,
                                rows,
                                std::min(kPart, head_size - part),
                                std::min(kPanel, count - index * kPanel),
                                part > 0,
                                false,
                                true});
    }
  }
}

void weigh(Matrix query, const Seen& seen, const Scores& weights) {
  const int64_t most = weights.seen + (weights.rows - 1) * weights.more;
  score(query, seen.keys, seen.head_size, weights.data, weights.step, weights.rows, most);
  kernels().softmax(weights, round_up(most, kStrands));
}

void attend(Matrix query, const Seen& seen, float* result, int64_t result_step, int64_t rows, int64_t first_seen,
            int64_t more, float* memory, int64_t memory_step) {
  for (int64_t row = 0; row < rows; row += kScoredRows) {
    const Scores weights{memory, memory_step, std::min(kScoredRows, rows - row), first_seen + row * more, more};
    weigh({query.data + row * query.row_step, query.row_step, 1}, seen, weights);
    multiply_blocks({memory, memory_step, 1}, seen.values, seen.value_step, result + row * result_step, result_step,
                    weights.rows, weights.seen + (weights.rows - 1) * more, seen.head_size, false);
  }
}

}  // namespace binding
