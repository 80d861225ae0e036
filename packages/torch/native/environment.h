// What one JavaScript environment (the main thread or one worker) owns on the native side.
#pragma once

#include <ATen/ATen.h>
#include <node_api.h>

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "operators.h"
#include "slots.h"

namespace binding {

class Executor;
class Program;
class Recorder;

struct OwnedTensor {
  at::Tensor tensor;
  int64_t reported_bytes = 0;  // what V8 was told about it
};

struct Environment {
  explicit Environment(napi_env env);
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  napi_env env;

  // Arguments and results of operator calls cross in this Float64Array, which JavaScript allocates.
  double* scratch = nullptr;
  size_t scratch_length = 0;
  napi_ref scratch_ref = nullptr;
  std::vector<Handle> waiting_results;  // handles that found no room in it

  // (kind, message, operator, shapes) => Error: the one way an error is made.
  napi_ref error_factory = nullptr;

  std::vector<Operator> operators;
  std::vector<std::string> strings;
  Slots<at::Generator> generators;
  Slots<std::shared_ptr<Program>> programs;
  std::vector<std::unique_ptr<Recorder>> recorders;  // innermost last

  Handle add(at::Tensor tensor);                                 // 0 for an undefined tensor
  std::vector<Handle> add_all(std::vector<at::Tensor> tensors);  // all, or none when it throws
  bool release(Handle handle);
  const at::Tensor& tensor(Handle handle, const char* what);
  at::Tensor* find_tensor(Handle handle);
  size_t live_tensors() const { return tensors_.live(); }

  Recorder* recorder() { return recorders.empty() ? nullptr : recorders.back().get(); }
  Executor& executor();

 private:
  void account(int64_t bytes);

  Slots<OwnedTensor> tensors_;
  int64_t unreported_bytes_ = 0;
  std::unique_ptr<Executor> executor_;
};

}  // namespace binding
