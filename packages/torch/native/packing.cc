#include "packing.h"

#include <memory>

namespace binding {

float* scratch(int64_t floats) {
  constexpr uintptr_t kAlignment = 64;
  thread_local std::unique_ptr<float[]> memory;
  thread_local int64_t size = 0;
  if (size < floats) {
    memory.reset(new float[floats + kAlignment / sizeof(float)]);
    size = floats;
  }
  const auto address = reinterpret_cast<uintptr_t>(memory.get());
  return memory.get() + (kAlignment - address % kAlignment) % kAlignment / sizeof(float);
}

}  // namespace binding
