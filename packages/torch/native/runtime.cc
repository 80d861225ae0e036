// Facts about the linked library and the machine, and how many threads they use.

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>
#include <dlfcn.h>
#include <malloc.h>
#include <torch/csrc/api/include/torch/version.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "entry.h"
#include "kernels.h"

namespace binding {

namespace {

napi_value version(Environment& environment, const Arguments&) {
  return to_js(environment.env, std::string(TORCH_VERSION));
}

napi_value build_configuration(Environment& environment, const Arguments&) {
  return to_js(environment.env, at::show_config() + at::get_parallel_info());
}

napi_value cuda_devices(Environment& environment, const Arguments&) {
  const bool linked = at::globalContext().hasCUDA() && c10::impl::hasDeviceGuardImpl(c10::DeviceType::CUDA);
  const int count = linked ? c10::impl::getDeviceGuardImpl(c10::DeviceType::CUDA)->deviceCount() : 0;
  return to_js(environment.env, static_cast<double>(count));
}

// allocatedBytes() => what the process has from malloc and has not given back: tensors on the CPU, and little else
napi_value allocated_bytes(Environment& environment, const Arguments&) {
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
  const struct mallinfo2 info = mallinfo2();
  return to_js(environment.env, static_cast<double>(info.uordblks + info.hblkhd));
#else
  return to_js(environment.env, 0.0);
#endif
}

napi_value threads(Environment& environment, const Arguments&) {
  return to_js(environment.env, static_cast<double>(at::get_num_threads()));
}

int positive(const Arguments& arguments) {
  const int64_t count = arguments.integer(0);
  if (count < 1 || count > 4096) {
    throw Misuse("the number of threads must be between 1 and 4096, got " + std::to_string(count));
  }
  return static_cast<int>(count);
}

napi_value set_threads(Environment&, const Arguments& arguments) {
  use_threads(positive(arguments));
  return nullptr;
}

// productInstructions() => the instruction set that products of float32 are computed with
napi_value product_instructions(Environment& environment, const Arguments&) {
  return to_js(environment.env, std::string(kernels().instructions));
}

// multiplyAddRate() => GFLOP/s of one thread's multiply-adds in registers: the best of some loops of a quarter of a
// millisecond, because others are disturbed
napi_value multiply_add_rate(Environment& environment, const Arguments&) {
  using Clock = std::chrono::steady_clock;
  constexpr int kLoops = 10;
  constexpr int64_t kRounds = 1 << 16;
  double best = 0;
  for (int loop = 0; loop < kLoops; ++loop) {
    std::array<float, kLoopNumbers> numbers;
    numbers.fill(0.5f);  // which go to 1: no overflow, nothing denormal
    const auto started_at = Clock::now();
    const int64_t operations = kernels().multiply_add(numbers.data(), kRounds);
    const std::chrono::duration<double, std::nano> took = Clock::now() - started_at;
    best = std::max(best, static_cast<double>(operations) / took.count());
  }
  return to_js(environment.env, best);
}

// blasLibrary() => the file that provides sgemm, empty when it is built into libtorch
napi_value blas_library(Environment& environment, const Arguments&) {
  void* sgemm = dlsym(RTLD_DEFAULT, "sgemm_");
  Dl_info info;
  const bool found = sgemm != nullptr && dladdr(sgemm, &info) != 0;
  return to_js(environment.env, std::string(found ? info.dli_fname : ""));
}

}  // namespace

// OpenBLAS, which computes what is not ours (float64), has a pool of its own, of which libtorch knows nothing.
void use_threads(int count) {
  at::set_num_threads(count);
  const auto set = reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set != nullptr) set(count);
}

std::vector<Export> runtime_exports() {
  return {
      {"version", entry<version>},
      {"buildConfiguration", entry<build_configuration>},
      {"cudaDevices", entry<cuda_devices>},
      {"allocatedBytes", entry<allocated_bytes>},
      {"threads", entry<threads>},
      {"setThreads", entry<set_threads>},
      {"blasLibrary", entry<blas_library>},
      {"productInstructions", entry<product_instructions>},
      {"multiplyAddRate", entry<multiply_add_rate>},
  };
}

}  // namespace binding
