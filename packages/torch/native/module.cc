// The addon: one Environment for each JavaScript environment that loads it, and the list of what it exports.

#include <ATen/Parallel.h>
#include <c10/util/Logging.h>
#include <malloc.h>
#include <node_api.h>

#include <mutex>

#include "entry.h"
#include "executor.h"
#include "products.h"
#include "program.h"

namespace binding {

namespace {

// Errors cross without a backtrace, and finding one takes libtorch some 2 ms.
void throw_without_backtraces() {
  c10::SetStackTraceFetcher([] { return std::string(); });
}

// glibc gives freed blocks of the size of tensors back to the system and faults them in again, a fifth of the time of
// small models. Blocks up to 32 MiB, the most it allows, stay in the heap, and of the heap's end up to 1 GiB.
void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 1 << 25);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
  mallopt(M_TOP_PAD, 1 << 26);
#endif
}

// Once for all environments that load the addon.
void prepare_process() {
  static std::once_flag once;
  std::call_once(once, [] {
    throw_without_backtraces();
    keep_freed_memory();
    take_over_products();
    use_threads(at::get_num_threads());  // OpenBLAS would take all there are
  });
}

napi_value initialise(napi_env env, napi_value exports) {
  prepare_process();
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
