// zerosearch::cached_attention and zerosearch::write_cache_: attention of generation, over keys and values of earlier
// tokens in tables of slots.

#include <ATen/Parallel.h>
#include <torch/library.h>

#include <algorithm>
#include <vector>

#include "attention.h"
#include "packing.h"

namespace binding {

namespace {

using at::Tensor;

// Rows that follow each other in one slot of a cache.
struct Run {
  int64_t row, count, slot, position;
};

void check_places(const Tensor& keys, const Tensor& values, const Tensor& slots, const Tensor& positions,
                  int64_t rows) {
  TORCH_CHECK(keys.dim() == 5 && values.dim() == 4 && keys.size(0) == values.size(0) &&
                  keys.size(1) == values.size(1) && keys.size(2) * kPanel == values.size(2) &&
                  keys.size(3) == values.size(3) && keys.size(4) == kPanel && keys.scalar_type() == at::kFloat &&
                  values.scalar_type() == at::kFloat && keys.is_contiguous() && values.is_contiguous(),
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
                  given_query.size(2) == keys.size(3) && keys.size(1) > 0 && given_query.size(1) % keys.size(1) == 0,
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
    const bool follows =
        !runs.empty() && runs.back().slot == slot && runs.back().position + runs.back().count == position;
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
    float* const memory = scratch(step * kScoredRows);
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
      std::copy_n(
          from_values.at(row, head), from_values.size,
          values.data_ptr<float>() + slot * values.stride(0) + head * values.stride(1) + position * values.stride(2));
    }
  }
  for (const at::Tensor* written : {&keys, &values}) written->unsafeGetTensorImpl()->bump_version();
  return keys;
}

TORCH_LIBRARY_FRAGMENT(zerosearch, library) {
  library.def("cached_attention(Tensor query, Tensor keys, Tensor values, Tensor slots, Tensor positions) -> Tensor");
  library.def(
      "write_cache_(Tensor(a!) keys, Tensor(b!) values, Tensor key, Tensor value, Tensor slots, Tensor positions) -> "
      "Tensor(a!)");
}

TORCH_LIBRARY_IMPL(zerosearch, CPU, library) {
  library.impl("cached_attention", cached_attention);
  library.impl("write_cache_", write_cache_);
}

}  // namespace

}  // namespace binding
