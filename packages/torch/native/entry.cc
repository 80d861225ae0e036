#include "entry.h"

#include <cmath>

namespace binding {

napi_value Arguments::raw(size_t index) const {
  if (index >= count_) throw Misuse("internal: argument " + std::to_string(index) + " is missing");
  return values_[index];
}

double Arguments::number(size_t index) const {
  double value = 0;
  if (napi_get_value_double(environment_.env, raw(index), &value) != napi_ok) {
    throw Misuse("argument " + std::to_string(index) + " must be a number");
  }
  return value;
}

int64_t Arguments::integer(size_t index) const {
  const double value = number(index);
  if (!(std::abs(value) <= 9007199254740991.0) || std::trunc(value) != value) {
    throw Misuse("argument " + std::to_string(index) + " must be a safe integer, got " + std::to_string(value));
  }
  return static_cast<int64_t>(value);
}

Handle Arguments::handle(size_t index) const { return to_handle(static_cast<double>(integer(index))); }

bool Arguments::boolean(size_t index) const {
  bool value = false;
  if (napi_get_value_bool(environment_.env, raw(index), &value) != napi_ok) {
    throw Misuse("argument " + std::to_string(index) + " must be a boolean");
  }
  return value;
}

namespace {
std::string string_of(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) throw Misuse("expected a string");
  std::string text(length, '\0');
  check(napi_get_value_string_utf8(env, value, &text[0], length + 1, &length), "reading a string");
  return text;
}

uint32_t length_of(napi_env env, napi_value array) {
  uint32_t length = 0;
  if (napi_get_array_length(env, array, &length) != napi_ok) throw Misuse("expected an array");
  return length;
}

napi_value element_of(napi_env env, napi_value array, uint32_t index) {
  napi_value element = nullptr;
  check(napi_get_element(env, array, index, &element), "reading an array");
  return element;
}
}  // namespace

std::string Arguments::string(size_t index) const { return string_of(environment_.env, raw(index)); }

std::vector<std::string> Arguments::strings(size_t index) const {
  std::vector<std::string> result(length_of(environment_.env, raw(index)));
  for (uint32_t i = 0; i < result.size(); ++i) {
    result[i] = string_of(environment_.env, element_of(environment_.env, raw(index), i));
  }
  return result;
}

std::vector<int64_t> Arguments::integers(size_t index) const {
  std::vector<int64_t> result(length_of(environment_.env, raw(index)));
  for (uint32_t i = 0; i < result.size(); ++i) {
    napi_value element = element_of(environment_.env, raw(index), i);
    result[i] = Arguments(environment_, 1, &element).integer(0);
  }
  return result;
}

const at::Tensor& Arguments::tensor(size_t index, const char* what) const {
  return environment_.tensor(handle(index), what);
}

std::vector<at::Tensor> Arguments::tensors(size_t index, const char* what) const {
  std::vector<at::Tensor> result;
  for (const int64_t handle : integers(index)) {
    result.push_back(environment_.tensor(to_handle(static_cast<double>(handle)), what));
  }
  return result;
}

napi_value to_js(napi_env env, double value) {
  napi_value result = nullptr;
  check(napi_create_double(env, value, &result), "making a number");
  return result;
}

napi_value to_js(napi_env env, bool value) {
  napi_value result = nullptr;
  check(napi_get_boolean(env, value, &result), "making a boolean");
  return result;
}

napi_value to_js(napi_env env, const std::string& value) {
  napi_value result = nullptr;
  check(napi_create_string_utf8(env, value.c_str(), value.size(), &result), "making a string");
  return result;
}

napi_value to_js(napi_env env, const std::vector<int64_t>& values) {
  napi_value result = nullptr;
  check(napi_create_array_with_length(env, values.size(), &result), "making an array");
  for (uint32_t i = 0; i < values.size(); ++i) {
    check(napi_set_element(env, result, i, to_js(env, static_cast<double>(values[i]))), "filling an array");
  }
  return result;
}

napi_value to_js_handles(Environment& environment, std::vector<at::Tensor> tensors) {
  const std::vector<Handle> handles = environment.add_all(std::move(tensors));
  return to_js(environment.env, std::vector<int64_t>(handles.begin(), handles.end()));
}

}  // namespace binding
