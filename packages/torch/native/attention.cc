// Attention of float32 on the CPU, a few rows at a time, so that scores stay in the processor's cache: the tables of
// scores and weights, which outweigh everything else in a small model's step, never exist. Rows stand for themselves, to
// the bit: each sums its keys in one order, whether it is computed in training or from the cache. src/own-attention.ts
// is TypeScript's side.

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>
#include <vector>

#include "kernels.h"
#include "packing.h"

namespace binding {

namespace {

using at::Tensor;

// Rows whose scores are in memory together.
constexpr int64_t kRows = 8 * kGroup;
constexpr int64_t kStrands = 16;

int64_t round_up(int64_t size, int64_t multiple) { return (size + multiple - 1) / multiple * multiple; }

// What a head's queries look at.
struct Seen {
  const float* keys;    // transposed, in panels of (D, kPanel)
  const float* values;  // (keys, D), rows `value_step` apart
  int64_t value_step, head_size;
};

// result (rows, columns) = left (rows, inputs) · right (inputs, columns), or added to it, by blocks.
void multiply_blocks(Matrix left, const float* right, int64_t right_step, float* result, int64_t result_step,
                     int64_t rows, int64_t inputs, int64_t columns, bool adds) {
  for (int64_t part = 0; part < inputs; part += kPart) {
    for (int64_t column = 0; column < columns; column += kPanel) {
      kernels().multiply_block({{left.data + part * left.column_step, left.row_step, left.column_step},
                                right + part * right_step + column, right_step, result + column, result_step, rows,
                                std::min(kPart, inputs - part), std::min(kPanel, columns - column), adds || part > 0,
                                false, false});
    }
  }
}

// scores (rows, keys) = query · keys, of the first keys.
void score(Matrix query, const float* keys, int64_t head_size, float* scores, int64_t step, int64_t rows,
           int64_t count) {
  for (int64_t index = 0; index * kPanel < count; ++index) {
    for (int64_t part = 0; part < head_size; part += kPart) {
      kernels().multiply_block({{query.data + part, query.row_step, 1},
                                keys + (index * head_size + part) * kPanel, kPanel, scores + index * kPanel, step, rows, std::min(kPart, head_size - part),
                                std::min(kPanel, count - index * kPanel), part > 0, false, true});
    }
  }
}

// Weights of some rows over the keys they see, of which the first row sees `seen` and each further one `more`.
void weigh(Matrix query, const Seen& seen, const Scores& weights) {
  const int64_t most = weights.seen + (weights.rows - 1) * weights.more;
  score(query, seen.keys, seen.head_size, weights.data, weights.step, weights.rows, most);
  kernels().softmax(weights, round_up(most, kStrands));
}

// result (rows, D) = softmax(query · keysᵀ) · values
void attend(Matrix query, const Seen& seen, float* result, int64_t result_step, int64_t rows, int64_t first_seen,
            int64_t more, float* memory, int64_t memory_step) {
  for (int64_t row = 0; row < rows; row += kRows) {
    const Scores weights{memory, memory_step, std::min(kRows, rows - row), first_seen + row * more, more};
    weigh({query.data + row * query.row_step, query.row_step, 1}, seen, weights);
    multiply_blocks({memory, memory_step, 1}, seen.values, seen.value_step, result + row * result_step, result_step,
                    weights.rows, weights.seen + (weights.rows - 1) * more, seen.head_size, false);
  }
}

// One sequence's rows in tensors of all.
struct Sequence {
  int64_t start, length;
};

std::vector<Sequence> sequences_of(at::IntArrayRef lengths, int64_t rows) {
  std::vector<Sequence> sequences;
  int64_t start = 0;
  for (const int64_t length : lengths) {
    TORCH_CHECK(length >= 0 && length <= rows - start, "lengths must be those of sequences in ", rows, " rows, got ",
                lengths);
    if (length > 0) sequences.push_back({start, length});
    start += length;
  }
  return sequences;
}

void check_heads(const Tensor& query, const Tensor& key, const Tensor& value) {
  for (const Tensor& x : {query, key, value}) {
    TORCH_CHECK(x.scalar_type() == at::kFloat && x.dim() == 3, "query, key and value must be float32 (rows, heads, D), got ",
                x.scalar_type(), " ", x.sizes());
  }
  TORCH_CHECK(key.sizes() == value.sizes() && query.size(2) == key.size(2) && query.size(1) > 0 && key.size(1) > 0 &&
                  query.size(1) % key.size(1) == 0,
              "heads do not fit: query ", query.sizes(), ", key ", key.sizes(), ", value ", value.sizes());
}

// Heads of a tensor (N, heads, D), contiguous.
struct Heads {
  float* data;
  int64_t count, size;
  explicit Heads(const Tensor& x) : data(x.data_ptr<float>()), count(x.size(1)), size(x.size(2)) {}
  float* at(int64_t row, int64_t head) const { return data + (row * count + head) * size; }
  int64_t step() const { return count * size; }
};

// A sequence's rows of one head, transposed into panels.
void pack_keys(const Heads& keys, const Sequence& sequence, int64_t head, float* panels) {
  const Matrix transposed{keys.at(sequence.start, head), 1, keys.step()};
  for (int64_t row = 0; row < sequence.length; row += kPanel) {
    pack_panel({transposed.data + row * keys.step(), 1, keys.step()}, keys.size,
               std::min(kPanel, sequence.length - row), panels + row * keys.size);
  }
}

int64_t longest_of(const std::vector<Sequence>& sequences) {
  int64_t longest = 0;
  for (const Sequence& sequence : sequences) longest = std::max(longest, sequence.length);
  return round_up(longest, kPanel);
}

// Rows that belong to no sequence are zero.
Tensor empty_beyond(const Tensor& like, const std::vector<Sequence>& sequences) {
  Tensor x = at::empty(like.sizes(), like.options());
  const int64_t used = sequences.empty() ? 0 : sequences.back().start + sequences.back().length;
  if (used < x.size(0)) x.narrow(0, used, x.size(0) - used).zero_();
  return x;
}

Tensor causal_attention(const Tensor& given_query, const Tensor& given_key, const Tensor& given_value,
                        at::IntArrayRef lengths) {
  check_heads(given_query, given_key, given_value);
  TORCH_CHECK(given_query.size(0) == given_key.size(0), "query has ", given_query.size(0), " rows, key ",
              given_key.size(0));
  const auto sequences = sequences_of(lengths, given_query.size(0));
  const Tensor q = given_query.contiguous(), k = given_key.contiguous(), v = given_value.contiguous();
  Tensor mixed = empty_beyond(q, sequences);
  const Heads query(q), key(k), value(v), result(mixed);
  const int64_t group = query.count / key.count;
  const int64_t step = longest_of(sequences);
  const int64_t tasks = static_cast<int64_t>(sequences.size()) * query.count;
  at::parallel_for(0, tasks, 1, [&](int64_t from, int64_t to) {
    float* const memory = scratch(step * (query.size + kRows));
    for (int64_t task = from; task < to; ++task) {
      const Sequence& sequence = sequences[task / query.count];
      const int64_t head = task % query.count;
      pack_keys(key, sequence, head / group, memory);
      const Seen seen{memory, value.at(sequence.start, head / group), value.step(), query.size};
      attend({query.at(sequence.start, head), query.step(), 1}, seen, result.at(sequence.start, head), result.step(),
             sequence.length, 1, 1, memory + step * query.size, step);
    }
  });
  return mixed;
}

// Gradients of query, key and value.
std::vector<Tensor> causal_attention_backward(const Tensor& q, const Tensor& k, const Tensor& v,
                                              const Tensor& given_gradient, at::IntArrayRef lengths) {
  const auto sequences = sequences_of(lengths, q.size(0));
  const Tensor gradient = given_gradient.contiguous();
  Tensor dq = empty_beyond(q, sequences), dk = at::zeros_like(k), dv = at::zeros_like(v);
  const Heads query(q), key(k), value(v), upstream(gradient), query_gradient(dq), key_gradient(dk), value_gradient(dv);
  const int64_t group = query.count / key.count;
  const int64_t step = longest_of(sequences);
  const int64_t tasks = static_cast<int64_t>(sequences.size()) * key.count;
  at::parallel_for(0, tasks, 1, [&](int64_t from, int64_t to) {
    float* const key_panels = scratch(2 * step * (query.size + kRows));
    float* const value_panels = key_panels + step * query.size;
    float* const weights = value_panels + step * query.size;
    float* const gradients = weights + step * kRows;
    for (int64_t task = from; task < to; ++task) {
      const auto [start, length] = sequences[task / key.count];
      const int64_t shared = task % key.count;
      pack_keys(key, {start, length}, shared, key_panels);
      pack_keys(value, {start, length}, shared, value_panels);
      const Seen seen{key_panels, value.at(start, shared), value.step(), query.size};
      for (int64_t head = shared * group; head < (shared + 1) * group; ++head) {
        for (int64_t row = 0; row < length; row += kRows) {
          const int64_t rows = std::min(kRows, length - row);
          const int64_t count = row + rows;
          const Matrix queries{query.at(start + row, head), query.step(), 1};
          const Matrix upstreams{upstream.at(start + row, head), upstream.step(), 1};
          const Scores own{weights, step, rows, row + 1, 1};
          weigh(queries, seen, own);
          // Of the values: weightsᵀ · upstream
          multiply_blocks({weights, 1, step}, upstreams.data, upstream.step(), value_gradient.at(start, shared),
                          value_gradient.step(), count, rows, query.size, true);
          // Of the weights, upstream · valuesᵀ, and of the scores
          score(upstreams, value_panels, query.size, gradients, step, rows, count);
          for (int64_t i = 0; i < rows; ++i) {
            std::fill(gradients + i * step + count, gradients + i * step + round_up(count, kStrands), 0.0f);
          }
          kernels().softmax_backward(own, gradients, round_up(count, kStrands));
          multiply_blocks({gradients, step, 1}, key.at(start, shared), key.step(),
                          query_gradient.at(start + row, head), query_gradient.step(), rows, count, query.size, false);
          multiply_blocks({gradients, 1, step}, queries.data, query.step(), key_gradient.at(start, shared),
                          key_gradient.step(), count, rows, query.size, true);
        }
      }
    }
  });
  return {dq, dk, dv};
}

struct CausalAttention : torch::autograd::Function<CausalAttention> {
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& query, const Tensor& key,
                        const Tensor& value, at::IntArrayRef lengths) {
    at::AutoDispatchBelowADInplaceOrView below;
    const Tensor q = query.contiguous(), k = key.contiguous(), v = value.contiguous();
    context->save_for_backward({q, k, v});
    context->saved_data["lengths"] = lengths.vec();
    return causal_attention(q, k, v, lengths);
  }
  static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                               torch::autograd::tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto lengths = context->saved_data["lengths"].toIntVector();
    at::AutoGradMode without(false);
    auto results = causal_attention_backward(saved[0], saved[1], saved[2], gradients[0], lengths);
    results.emplace_back();
    return results;
  }
};

Tensor causal_attention_with_gradient(const Tensor& query, const Tensor& key, const Tensor& value,
                                      at::IntArrayRef lengths) {
  return CausalAttention::apply(query, key, value, lengths);
}

// Rows that follow each other in one slot of a cache.
struct Run {
  int64_t row, count, slot, position;
};

void check_places(const Tensor& keys, const Tensor& values, const Tensor& slots, const Tensor& positions, int64_t rows) {
  TORCH_CHECK(keys.dim() == 5 && values.dim() == 4 && keys.size(0) == values.size(0) && keys.size(1) == values.size(1) &&
                  keys.size(2) * kPanel == values.size(2) && keys.size(3) == values.size(3) && keys.size(4) == kPanel &&
                  keys.scalar_type() == at::kFloat && values.scalar_type() == at::kFloat && keys.is_contiguous() &&
                  values.is_contiguous(),
              "a cache's keys must be float32 (slots, heads, panels, D, ", kPanel,
              "), its values (slots, heads, capacity, D), got ", keys.sizes(), " and ", values.sizes());
  TORCH_CHECK(slots.dim() == 1 && slots.scalar_type() == at::kLong && positions.scalar_type() == at::kLong &&
                  slots.sizes() == positions.sizes() && slots.is_contiguous() && positions.is_contiguous() &&
                  slots.size(0) == rows,
              "slots and positions must be int64 of ", rows, " rows, got ", slots.sizes(), " and ", positions.sizes());
  for (int64_t i = 0; i < rows; ++i) {
    const int64_t slot = slots.data_ptr<int64_t>()[i], position = positions.data_ptr<int64_t>()[i];
    TORCH_CHECK(slot >= 0 && slot < keys.size(0) && position >= 0 && position < values.size(2), "slot ", slot,
                ", position ", position, " lie outside a cache of ", keys.size(0), " slots and ", values.size(2),
                " positions");
  }
}

Tensor cached_attention(const Tensor& given_query, const Tensor& keys, const Tensor& values, const Tensor& slots,
                        const Tensor& positions) {
  TORCH_CHECK(!at::GradMode::is_enabled() || !given_query.requires_grad(), "cached_attention has no gradient");
  TORCH_CHECK(given_query.dim() == 3 && given_query.scalar_type() == at::kFloat && keys.dim() == 5 &&
                  given_query.size(2) == keys.size(3) && given_query.size(1) % keys.size(1) == 0,
              "query must be float32 (rows, heads, D) of a cache's heads, got ", given_query.sizes(), " and ",
              keys.sizes());
  check_places(keys, values, slots, positions, given_query.size(0));
  const Tensor q = given_query.contiguous();
  Tensor mixed = at::empty(q.sizes(), q.options());
  const Heads query(q), result(mixed);
  std::vector<Run> runs;
  int64_t longest = 0;
  for (int64_t row = 0; row < q.size(0); ++row) {
    const int64_t slot = slots.data_ptr<int64_t>()[row], position = positions.data_ptr<int64_t>()[row];
    const bool follows = !runs.empty() && runs.back().slot == slot && runs.back().position + runs.back().count == position;
    if (follows) {
      ++runs.back().count;
    } else {
      runs.push_back({row, 1, slot, position});
    }
    longest = std::max(longest, position + 1);
  }
  const int64_t key_heads = keys.size(1);
  const int64_t group = query.count / key_heads;
  const int64_t step = round_up(longest, kPanel);
  const int64_t tasks = static_cast<int64_t>(runs.size()) * key_heads;
  constexpr int64_t kWorthAThread = 1 << 15;
  const int64_t grain = std::max<int64_t>(1, kWorthAThread / std::max<int64_t>(1, longest * query.size * group));
  at::parallel_for(0, tasks, grain, [&](int64_t from, int64_t to) {
    float* const memory = scratch(step * kRows);
    for (int64_t task = from; task < to; ++task) {
      const Run& run = runs[task / key_heads];
      const int64_t shared = task % key_heads;
      const Seen seen{keys.data_ptr<float>() + run.slot * keys.stride(0) + shared * keys.stride(1),
                      values.data_ptr<float>() + run.slot * values.stride(0) + shared * values.stride(1),
                      values.stride(2), query.size};
      if (run.count == 1) {  // the heads that share keys are the rows
        attend({query.at(run.row, shared * group), query.size, 1}, seen, result.at(run.row, shared * group), query.size,
               group, run.position + 1, 0, memory, step);
        continue;
      }
      for (int64_t head = shared * group; head < (shared + 1) * group; ++head) {
        attend({query.at(run.row, head), query.step(), 1}, seen, result.at(run.row, head), result.step(), run.count,
               run.position + 1, 1, memory, step);
      }
    }
  });
  return mixed;
}

Tensor& write_cache_(Tensor& keys, Tensor& values, const Tensor& key, const Tensor& value, const Tensor& slots,
                     const Tensor& positions) {
  const int64_t rows = slots.dim() == 1 ? slots.size(0) : -1;
  check_places(keys, values, slots, positions, rows);
  TORCH_CHECK(key.dim() == 3 && key.sizes() == value.sizes() && key.size(0) >= rows && key.size(1) == keys.size(1) &&
                  key.size(2) == values.size(3) && key.scalar_type() == at::kFloat && value.scalar_type() == at::kFloat,
              "key and value must be float32 (rows, heads, D) of the cache's heads, got ", key.sizes(), " and ",
              value.sizes());
  const Tensor fresh_keys = key.contiguous(), fresh_values = value.contiguous();
  const Heads from_keys(fresh_keys), from_values(fresh_values);
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t slot = slots.data_ptr<int64_t>()[row], position = positions.data_ptr<int64_t>()[row];
    for (int64_t head = 0; head < from_keys.count; ++head) {
      float* to = keys.data_ptr<float>() + slot * keys.stride(0) + head * keys.stride(1) +
                  position / kPanel * keys.stride(2) + position % kPanel;
      const float* from = from_keys.at(row, head);
      for (int64_t d = 0; d < from_keys.size; ++d) to[d * kPanel] = from[d];
      std::copy_n(from_values.at(row, head), from_values.size,
                  values.data_ptr<float>() + slot * values.stride(0) + head * values.stride(1) +
                      position * values.stride(2));
    }
  }
  return keys;
}

TORCH_LIBRARY_FRAGMENT(zerosearch, library) {
  library.def("causal_attention(Tensor query, Tensor key, Tensor value, int[] lengths) -> Tensor");
  library.def(
      "cached_attention(Tensor query, Tensor keys, Tensor values, Tensor slots, Tensor positions) -> Tensor");
  library.def(
      "write_cache_(Tensor(a!) keys, Tensor(b!) values, Tensor key, Tensor value, Tensor slots, Tensor positions) -> "
      "Tensor(a!)");
}

TORCH_LIBRARY_IMPL(zerosearch, CPU, library) {
  library.impl("causal_attention", causal_attention);
  library.impl("cached_attention", cached_attention);
  library.impl("write_cache_", write_cache_);
}

TORCH_LIBRARY_IMPL(zerosearch, Autograd, library) {
  library.impl("causal_attention", causal_attention_with_gradient);
}

}  // namespace

}  // namespace binding
