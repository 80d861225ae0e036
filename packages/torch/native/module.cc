// The addon: one Environment for each JavaScript environment that loads it, and the list of what it exports.

#include <c10/util/Logging.h>
#include <node_api.h>

#include <mutex>

#include "entry.h"
#include "executor.h"
#include "program.h"

namespace binding {

namespace {

// Errors cross without a backtrace, and finding one takes libtorch some 2 ms. Once: other threads may be throwing.
void throw_without_backtraces() {
  static std::once_flag once;
  std::call_once(once, [] { c10::SetStackTraceFetcher([] { return std::string(); }); });
}

napi_value initialise(napi_env env, napi_value exports) {
  throw_without_backtraces();
  auto* environment = new Environment(env);
  const auto destroy = [](napi_env, void* data, void*) { delete static_cast<Environment*>(data); };
  if (napi_set_instance_data(env, environment, destroy, nullptr) != napi_ok) {
    delete environment;
    return nullptr;
  }
  for (const auto& list : {dispatch_exports(), tensor_exports(), autograd_exports(), random_exports(),
                           program_exports(), runtime_exports()}) {
    for (const Export& item : list) {
      napi_value function = nullptr;
      napi_create_function(env, item.name, NAPI_AUTO_LENGTH, item.callback, environment, &function);
      napi_set_named_property(env, exports, item.name, function);
    }
  }
  return exports;
}

}  // namespace

}  // namespace binding

NAPI_MODULE(NODE_GYP_MODULE_NAME, binding::initialise)
