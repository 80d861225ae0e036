#include "guards.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "errors.h"
#include "slots.h"

namespace binding {

namespace {

// The lowest integer over -1 has no result, and a CPU traps: with 32 and 64 bits, shorter ones are computed in 32.
void guard_division(const at::Tensor& dividend, const at::Tensor& divisor, c10::ScalarType common) {
  if (common != c10::kInt && common != c10::kLong) return;
  if (!dividend.device().is_cpu() || !divisor.device().is_cpu()) return;
  const at::Tensor minus_one = divisor.to(common).eq(-1);
  if (!minus_one.any().item<bool>()) return;
  const int64_t lowest =
      common == c10::kInt ? std::numeric_limits<int32_t>::min() : std::numeric_limits<int64_t>::min();
  if (dividend.to(common).eq(lowest).logical_and(minus_one).any().item<bool>()) {
    throw Misuse(
        "the lowest integer over -1 does not fit its dtype. Convert to a wider or a floating point dtype first.");
  }
}

void guard_remainder(const c10::Stack& arguments) {
  const at::Tensor& dividend = arguments[0].toTensor();
  const at::Tensor& divisor = arguments[1].toTensor();
  guard_division(dividend, divisor, at::result_type(dividend, divisor));
}

void guard_rounded_division(const c10::Stack& arguments) {
  if (!arguments[2].isNone()) guard_remainder(arguments);
}

void guard_scalar_remainder(const c10::Stack& arguments) {
  const at::Tensor& dividend = arguments[0].toTensor();
  const c10::Scalar divisor = arguments[1].toScalar();
  if (!divisor.isIntegral(true)) return;
  guard_division(dividend, at::scalar_tensor(divisor, at::kLong), at::result_type(dividend, divisor));
}

// libtorch counts the elements with integers: all of 64 bits over a step of -1 traps.
void guard_arange(const c10::Stack& arguments) {
  const double start = arguments[0].toScalar().toDouble();
  const double end = arguments[1].toScalar().toDouble();
  const double step = arguments[2].toScalar().toDouble();
  if (std::trunc(step) == -1 && std::abs(end - start) >= 0x1p62)
    throw Misuse("arange() of more elements than memory can hold");
}

// libtorch 2.15 reads the first scalar before it counts them.
void guard_scalar_list(const c10::Stack& arguments) {
  const size_t tensors = arguments[0].toListRef().size();
  const size_t scalars = arguments.back().toListRef().size();
  if (tensors != scalars) {
    throw Misuse("one scalar for each tensor: got " + std::to_string(scalars) + " for " + std::to_string(tensors));
  }
}

// searchsorted reads wherever its sorter points.
void guard_searchsorted(const c10::Stack& arguments) {
  if (!arguments[5].isTensor()) return;
  const at::Tensor& sorter = arguments[5].toTensor();
  const at::Tensor& sequence = arguments[0].toTensor();
  if (!sorter.device().is_cpu() || sorter.numel() == 0 || sequence.dim() == 0) return;
  if (sorter.lt(0).logical_or(sorter.ge(sequence.size(-1))).any().item<bool>()) {
    throw Misuse("sorter must hold positions of the sorted sequence, 0 to " + std::to_string(sequence.size(-1) - 1));
  }
}

void refuse_too_many(double parts) {
  if (!(parts <= Slots<at::Tensor>::kMaxSlots))
    throw Misuse("the result would be more tensors than may be alive, 2,097,152");
}

// A dimension's size, 0 where libtorch will refuse the dimension itself.
int64_t size_of(const c10::IValue& tensor, const c10::IValue& dim) {
  const at::Tensor& whole = tensor.toTensor();
  const int64_t index = dim.toInt() < 0 ? dim.toInt() + whole.dim() : dim.toInt();
  return index >= 0 && index < whole.dim() ? whole.size(index) : 0;
}

// Views of nothing are free of memory in JavaScript's eyes, not in libtorch's: each costs some 200 bytes.
void guard_unbind(const c10::Stack& arguments) {
  refuse_too_many(static_cast<double>(size_of(arguments[0], arguments[1])));
}

void guard_split(const c10::Stack& arguments) {
  const int64_t each = arguments[1].toInt();
  if (each > 0)
    refuse_too_many(std::ceil(static_cast<double>(size_of(arguments[0], arguments[2])) / static_cast<double>(each)));
}

void guard_chunk(const c10::Stack& arguments) {
  const int64_t size = size_of(arguments[0], arguments[2]);
  refuse_too_many(static_cast<double>(size == 0 ? arguments[1].toInt() : std::min(arguments[1].toInt(), size)));
}

}  // namespace

Guard guard_of(const std::string& operator_name) {
  if (operator_name == "aten::div.Tensor_mode") return guard_rounded_division;
  if (operator_name == "aten::remainder.Tensor") return guard_remainder;
  if (operator_name == "aten::remainder.Scalar") return guard_scalar_remainder;
  if (operator_name == "aten::arange.start_step") return guard_arange;
  if (operator_name == "aten::_foreach_div_.ScalarList") return guard_scalar_list;
  if (operator_name == "aten::_foreach_addcdiv_.ScalarList") return guard_scalar_list;
  if (operator_name == "aten::searchsorted.Tensor") return guard_searchsorted;
  if (operator_name == "aten::unbind.int") return guard_unbind;
  if (operator_name == "aten::split.Tensor") return guard_split;
  if (operator_name == "aten::chunk") return guard_chunk;
  return nullptr;
}

}  // namespace binding
