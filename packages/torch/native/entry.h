// The shape of every function that JavaScript can call: typed access to its arguments, one guard around its body.
#pragma once

#include <node_api.h>

#include <string>
#include <vector>

#include "environment.h"
#include "errors.h"

namespace binding {

class Arguments {
 public:
  static constexpr size_t kMost = 6;

  Arguments(Environment& environment, size_t count, napi_value* values)
      : environment_(environment), count_(count), values_(values) {}

  napi_value raw(size_t index) const;
  int64_t integer(size_t index) const;
  Handle handle(size_t index) const;
  double number(size_t index) const;
  bool boolean(size_t index) const;
  std::string string(size_t index) const;
  std::vector<std::string> strings(size_t index) const;
  std::vector<int64_t> integers(size_t index) const;
  const at::Tensor& tensor(size_t index, const char* what) const;
  std::vector<at::Tensor> tensors(size_t index, const char* what) const;

 private:
  Environment& environment_;
  size_t count_;
  napi_value* values_;
};

napi_value to_js(napi_env env, double value);
napi_value to_js(napi_env env, bool value);
napi_value to_js(napi_env env, const std::string& value);
napi_value to_js(napi_env env, const std::vector<int64_t>& values);
napi_value to_js_handles(Environment& environment, std::vector<at::Tensor> tensors);  // undefined tensors become 0

using Body = napi_value (*)(Environment&, const Arguments&);

template <Body body>
napi_value entry(napi_env env, napi_callback_info info) {
  size_t count = Arguments::kMost;
  napi_value values[Arguments::kMost];
  void* data = nullptr;
  napi_get_cb_info(env, info, &count, values, nullptr, &data);
  auto& environment = *static_cast<Environment*>(data);
  try {
    return body(environment, Arguments(environment, count < Arguments::kMost ? count : Arguments::kMost, values));
  } catch (...) {
    throw_current_exception(environment, "", "");
    return nullptr;
  }
}

struct Export {
  const char* name;
  napi_callback callback;
};

// One list per file; module.cc installs them.
std::vector<Export> dispatch_exports();
std::vector<Export> tensor_exports();
std::vector<Export> autograd_exports();
std::vector<Export> random_exports();
std::vector<Export> program_exports();
std::vector<Export> runtime_exports();

// How many threads an operator may use, whoever computes it.
void use_threads(int count);

}  // namespace binding
