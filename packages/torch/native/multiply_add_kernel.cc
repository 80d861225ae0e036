// The most that one thread can compute: multiply-adds of numbers that never leave the registers.

#include "kernels.h"
#include "vectors.h"

namespace binding {

namespace {

// Sums that do not wait for one another: enough to hide how long one takes, and few enough for the registers.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int kSums = 16;
#else
constexpr int kSums = 12;
#endif
static_assert((kSums + 2) * kLanes <= kLoopNumbers, "the numbers of a loop");

}  // namespace

int64_t FOR_ISA(multiply_add)(float* numbers, int64_t rounds) {
  const Vector factor = load(numbers);
  const Vector summand = load(numbers + kLanes);
  float* const places = numbers + 2 * kLanes;
  Vector sums[kSums];
  for (int i = 0; i < kSums; ++i) sums[i] = load(places + i * kLanes);
  for (int64_t round = 0; round < rounds; ++round) {
    // What is multiplied changes: of a sum of products, compilers take the products out of the loop.
    for (int i = 0; i < kSums; ++i) sums[i] = sums[i] * factor + summand;
  }
  for (int i = 0; i < kSums; ++i) put(places + i * kLanes, sums[i]);
  return rounds * kSums * kLanes * 2;
}

}  // namespace binding
