#include "packing.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

#include <cstdlib>
#include <memory>
#include <new>

namespace binding {

namespace {

// Packed matrices are read over and over: in large pages their addresses are looked up but seldom.
constexpr size_t kPage = size_t{1} << 21;

struct Free {
  void operator()(float* memory) const { std::free(memory); }
};

}  // namespace

float* scratch(int64_t floats) {
  thread_local std::unique_ptr<float, Free> memory;
  thread_local int64_t size = 0;
  if (size < floats) {
    const size_t bytes = (floats * sizeof(float) + kPage - 1) / kPage * kPage;
    memory.reset(static_cast<float*>(std::aligned_alloc(kPage, bytes)));
    size = 0;
    if (memory == nullptr) throw std::bad_alloc();
    size = bytes / sizeof(float);
#ifdef MADV_HUGEPAGE
    madvise(memory.get(), bytes, MADV_HUGEPAGE);
#endif
  }
  return memory.get();
}

}  // namespace binding
