#include "arguments.h"

#include <cmath>
#include <cstring>
#include <sstream>

#include "errors.h"

namespace binding {

namespace {

constexpr double kMaxSafeInteger = 9007199254740991.0;

// Written so that a compiler can't turn a bad number into undefined behaviour: NaN and infinities fail the comparison.
bool is_safe_integer(double value) {
  return value >= -kMaxSafeInteger && value <= kMaxSafeInteger && std::trunc(value) == value;
}

std::string shown(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

}  // namespace

c10::Device device_of(int64_t code) {
  const auto type = static_cast<c10::DeviceType>(code / 256);
  const bool is_known = type == c10::DeviceType::CPU || type == c10::DeviceType::CUDA || type == c10::DeviceType::Meta;
  if (code < 0 || code > 0xffff || !is_known || code % 256 > 128) {
    throw Misuse("internal: no device has code " + std::to_string(code));
  }
  return c10::Device(type, static_cast<c10::DeviceIndex>(code % 256 - 1));
}

ArgumentReader::ArgumentReader(Environment& environment, size_t length) : environment_(environment), length_(length) {
  if (length > environment.scratch_length) throw Misuse("internal: more arguments than the shared array holds");
}

double ArgumentReader::next(const char* what) {
  if (at_ == length_) throw Misuse(std::string("argument ") + what + " is missing");
  return environment_.scratch[at_++];
}

int64_t ArgumentReader::integer(const char* what) {
  const double value = next(what);
  if (!is_safe_integer(value)) throw Misuse(std::string(what) + " must be a safe integer, got " + shown(value));
  return static_cast<int64_t>(value);
}

size_t ArgumentReader::count(const char* what) {
  const int64_t value = integer(what);
  if (value < 0 || static_cast<size_t>(value) > length_ - at_) {
    throw Misuse(std::string(what) + " has an impossible length, " + std::to_string(value));
  }
  return static_cast<size_t>(value);
}

const at::Tensor& ArgumentReader::tensor(const char* what) { return environment_.tensor(to_handle(next(what)), what); }

std::vector<at::Tensor> ArgumentReader::tensors(const char* what) {
  std::vector<at::Tensor> result(count(what));
  for (auto& element : result) element = tensor(what);
  return result;
}

at::Scalar ArgumentReader::scalar(const char* what) {
  const int64_t tag = integer(what);
  if (tag == 1) return integer(what);
  const double value = next(what);
  switch (tag) {
    case 2:
      return value;
    case 3:
      return value != 0;
    case 4: {
      int64_t bits = 0;
      std::memcpy(&bits, &value, sizeof bits);
      return bits;
    }
    default:
      throw Misuse(std::string(what) + " must be a number, bigint or boolean");
  }
}

c10::IValue ArgumentReader::read_element(Base base, const char* what) {
  switch (base) {
    case Base::Tensor:
      return tensor(what);
    case Base::Int:
    case Base::Layout:
      return integer(what);
    case Base::Float:
      return next(what);
    case Base::Bool:
      return next(what) != 0;
    case Base::Scalar:
      return scalar(what);
    case Base::ScalarType: {
      const int64_t code = integer(what);
      if (code < 0 || code >= static_cast<int64_t>(c10::ScalarType::Undefined)) {
        throw Misuse(std::string(what) + " must be a dtype, got code " + std::to_string(code));
      }
      return code;
    }
    case Base::MemoryFormat: {
      const int64_t code = integer(what);
      if (code < 0 || code > static_cast<int64_t>(c10::MemoryFormat::ChannelsLast3d)) {
        throw Misuse(std::string(what) + " must be a memory format, got code " + std::to_string(code));
      }
      return code;
    }
    case Base::Device:
      return device_of(integer(what));
    case Base::String: {
      const int64_t number = integer(what);
      if (number < 0 || static_cast<size_t>(number) >= environment_.strings.size()) {
        throw Misuse(std::string(what) + " must be an interned string");
      }
      return environment_.strings[static_cast<size_t>(number)];
    }
    case Base::Generator: {
      at::Generator* generator = environment_.generators.find(to_handle(next(what)));
      if (generator == nullptr) throw UseAfterFree(what);
      return *generator;
    }
  }
  throw Misuse("internal: an argument kind without a reader");
}

c10::IValue ArgumentReader::read_list(const Parameter& parameter) {
  const char* what = parameter.name.c_str();
  if (parameter.kind.base == Base::Tensor && !parameter.kind.optional_elements) {
    return tensors(what);
  }
  const size_t length = count(what);
  if (parameter.kind.base == Base::Tensor) {
    c10::impl::GenericList list(c10::OptionalType::create(c10::TensorType::get()));
    for (size_t i = 0; i < length; ++i) {
      if (at_ < length_ && environment_.scratch[at_] == 0) {
        ++at_;
        list.push_back(c10::IValue());
      } else {
        list.push_back(tensor(what));
      }
    }
    return list;
  }
  switch (parameter.kind.base) {
    case Base::Int: {
      std::vector<int64_t> values(length);
      for (auto& value : values) value = integer(what);
      return values;
    }
    case Base::Float: {
      std::vector<double> values(length);
      for (auto& value : values) value = next(what);
      return values;
    }
    case Base::Bool: {
      c10::List<bool> values;
      for (size_t i = 0; i < length; ++i) values.push_back(next(what) != 0);
      return values;
    }
    case Base::Scalar: {
      c10::List<at::Scalar> values;
      for (size_t i = 0; i < length; ++i) values.push_back(scalar(what));
      return values;
    }
    default:
      throw Misuse("internal: a list of " + parameter.kind.text() + " has no reader");
  }
}

c10::IValue ArgumentReader::read(const Parameter& parameter) {
  const char* what = parameter.name.c_str();
  if (parameter.kind.optional) {
    const double present = next(what);
    if (present == 0) return c10::IValue();
    if (parameter.kind.base == Base::Tensor && !parameter.kind.list) --at_;  // the handle is its own flag
  }
  return parameter.kind.list ? read_list(parameter) : read_element(parameter.kind.base, what);
}

void ArgumentReader::expect_end() const {
  if (at_ != length_) throw Misuse("internal: " + std::to_string(length_ - at_) + " arguments were left unread");
}

std::string argument_shapes(Environment& environment, const Operator& op, size_t length) {
  std::ostringstream text;
  constexpr size_t kMostShown = 16;
  size_t shown = 0;
  const auto add = [&](const at::Tensor& tensor) {
    if (!tensor.defined() || ++shown > kMostShown + 1) return;
    if (shown > 1) text << ", ";
    if (shown > kMostShown) {
      text << "…";
    } else {
      text << tensor.sizes();
    }
  };
  try {
    ArgumentReader reader(environment, length);
    for (const auto& parameter : op.parameters) {
      const c10::IValue value = reader.read(parameter);
      if (value.isTensor()) add(value.toTensor());
      if (value.isTensorList()) {
        for (const at::Tensor& tensor : value.toTensorVector()) add(tensor);
      }
    }
  } catch (const std::exception&) {
    // the arguments themselves were the fault: show the shapes read so far
  }
  return text.str();
}

}  // namespace binding
