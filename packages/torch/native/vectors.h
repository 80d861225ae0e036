// Vectors of the instruction set that a kernel is compiled for, which the build states by VECTOR_BYTES and ISA. A
// kernel's file has no inline function that other files have, too: the linker would keep one, perhaps that of another
// processor.

#pragma once

#include <cstdint>

#ifdef __AVX512F__
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))
#define JOIN(name, isa) name##_##isa
#define JOIN_VALUES(name, isa) JOIN(name, isa)
#define FOR_ISA(name) JOIN_VALUES(name, ISA)

namespace binding {

constexpr int kLanes = VECTOR_BYTES / sizeof(float);

using Vector = float __attribute__((vector_size(VECTOR_BYTES)));
using IntVector = int32_t __attribute__((vector_size(VECTOR_BYTES)));
using UnalignedVector = float __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));

INLINE Vector load(const float* from) { return *reinterpret_cast<const UnalignedVector*>(from); }

INLINE void put(float* to, Vector x) { *reinterpret_cast<UnalignedVector*>(to) = x; }

// The first `count` lanes, at least one and fewer than all; the others are zero.
INLINE Vector load_some(const float* from, int64_t count) {
#ifdef __AVX512F__
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), from);
#else
  Vector x = {};
  for (int64_t i = 0; i < count; ++i) x[i] = from[i];
  return x;
#endif
}

INLINE void put_some(float* to, Vector x, int64_t count) {
#ifdef __AVX512F__
  _mm512_mask_storeu_ps(to, static_cast<__mmask16>((1u << count) - 1), x);
#else
  for (int64_t i = 0; i < count; ++i) to[i] = x[i];
#endif
}

}  // namespace binding
