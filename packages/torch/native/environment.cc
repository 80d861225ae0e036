#include "environment.h"

#include "errors.h"
#include "executor.h"
#include "program.h"

namespace binding {

namespace {
// Telling V8 costs more than many small tensors are worth: changes are reported in lumps of this size.
constexpr int64_t kReportedLumpBytes = 4 << 20;

int64_t owned_bytes(const at::Tensor& tensor) {
  if (!tensor.has_storage() || tensor.is_meta()) return 0;  // a meta tensor has a size and no memory
  const auto& storage = tensor.storage();
  return storage.use_count() == 1 ? static_cast<int64_t>(storage.nbytes()) : 0;  // a view owns nothing
}
}  // namespace

Environment::Environment(napi_env environment) : env(environment) {}

Environment::~Environment() = default;

Handle Environment::add(at::Tensor tensor) {
  if (!tensor.defined()) return 0;
  const int64_t bytes = owned_bytes(tensor);
  const Handle handle = tensors_.insert({std::move(tensor), bytes});
  if (handle == 0) {
    throw Misuse("2,097,152 tensors are alive, which is the most there may be. Free them: tidy(), using, dispose().");
  }
  if (bytes != 0) account(bytes);
  return handle;
}

std::vector<Handle> Environment::add_all(std::vector<at::Tensor> tensors) {
  std::vector<Handle> handles;
  handles.reserve(tensors.size());
  try {
    for (auto& tensor : tensors) handles.push_back(add(std::move(tensor)));
  } catch (...) {
    for (const Handle handle : handles) release(handle);
    throw;
  }
  return handles;
}

bool Environment::release(Handle handle) {
  OwnedTensor* owned = tensors_.find(handle);
  if (owned == nullptr) return false;
  const int64_t bytes = owned->reported_bytes;
  tensors_.erase(handle);
  if (bytes != 0) account(-bytes);
  return true;
}

at::Tensor* Environment::find_tensor(Handle handle) {
  OwnedTensor* owned = tensors_.find(handle);
  return owned == nullptr ? nullptr : &owned->tensor;
}

const at::Tensor& Environment::tensor(Handle handle, const char* what) {
  at::Tensor* found = find_tensor(handle);
  if (found == nullptr) throw UseAfterFree(what);
  return *found;
}

void Environment::account(int64_t bytes) {
  unreported_bytes_ += bytes;
  if (unreported_bytes_ > -kReportedLumpBytes && unreported_bytes_ < kReportedLumpBytes) return;
  int64_t total = 0;
  napi_adjust_external_memory(env, unreported_bytes_, &total);
  unreported_bytes_ = 0;
}

Executor& Environment::executor() {
  if (!executor_) executor_ = std::make_unique<Executor>(env);
  return *executor_;
}

}  // namespace binding
