// zerosearch::causal_attention: attention of training, over whole sequences that lie end to end, with its gradient.

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/library.h>

#include <algorithm>
#include <vector>

#include "attention.h"
#include "packing.h"

namespace binding {

namespace {

using at::Tensor;

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
    TORCH_CHECK(x.scalar_type() == at::kFloat && x.dim() == 3,
                "query, key and value must be float32 (rows, heads, D), got ", x.scalar_type(), " ", x.sizes());
  }
  TORCH_CHECK(key.sizes() == value.sizes() && query.size(2) == key.size(2) && query.size(1) > 0 && key.size(1) > 0 &&
                  query.size(1) % key.size(1) == 0,
              "heads do not fit: query ", query.sizes(), ", key ", key.sizes(), ", value ", value.sizes());
}

// A sequence's rows of one head, keys or values, transposed into panels.
void pack_rows(const Heads& keys, const Sequence& sequence, int64_t head, float* panels) {
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
    float* const memory = scratch(step * (query.size + kScoredRows));
    for (int64_t task = from; task < to; ++task) {
      const Sequence& sequence = sequences[task / query.count];
      const int64_t head = task % query.count;
      pack_rows(key, sequence, head / group, memory);
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
    float* const key_panels = scratch(2 * step * (query.size + kScoredRows));
    float* const value_panels = key_panels + step * query.size;
    float* const weights = value_panels + step * query.size;
    float* const gradients = weights + step * kScoredRows;
    for (int64_t task = from; task < to; ++task) {
      const auto [start, length] = sequences[task / key.count];
      const int64_t shared = task % key.count;
      pack_rows(key, {start, length}, shared, key_panels);
      pack_rows(value, {start, length}, shared, value_panels);
      const Seen seen{key_panels, value.at(start, shared), value.step(), query.size};
      for (int64_t head = shared * group; head < (shared + 1) * group; ++head) {
        for (int64_t row = 0; row < length; row += kScoredRows) {
          const int64_t rows = std::min(kScoredRows, length - row);
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
          multiply_blocks({gradients, step, 1}, key.at(start, shared), key.step(), query_gradient.at(start + row, head),
                          query_gradient.step(), rows, count, query.size, false);
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
    TORCH_CHECK(!at::GradMode::is_enabled(),
                "causal_attention is differentiable once: its gradients have none of their own");
    const auto saved = context->get_saved_variables();
    const auto lengths = context->saved_data["lengths"].toIntVector();
    auto results = causal_attention_backward(saved[0], saved[1], saved[2], gradients[0], lengths);
    results.emplace_back();
    return results;
  }
};

Tensor causal_attention_with_gradient(const Tensor& query, const Tensor& key, const Tensor& value,
                                      at::IntArrayRef lengths) {
  return CausalAttention::apply(query, key, value, lengths);
}

TORCH_LIBRARY_FRAGMENT(zerosearch, library) {
  library.def("causal_attention(Tensor query, Tensor key, Tensor value, int[] lengths) -> Tensor");
}

TORCH_LIBRARY_IMPL(zerosearch, CPU, library) { library.impl("causal_attention", causal_attention); }

TORCH_LIBRARY_IMPL(zerosearch, Autograd, library) { library.impl("causal_attention", causal_attention_with_gradient); }

}  // namespace

}  // namespace binding
