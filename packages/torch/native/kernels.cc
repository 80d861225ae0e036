#include "kernels.h"

namespace binding {

#define DECLARE_KERNELS(isa)                      \
  void multiply_block_##isa(const Block&);        \
  void softmax_##isa(const Scores&, int64_t);     \
  void softmax_backward_##isa(const Scores&, float*, int64_t);
#define KERNELS(isa) {multiply_block_##isa, softmax_##isa, softmax_backward_##isa}

DECLARE_KERNELS(baseline)
#ifdef __x86_64__
DECLARE_KERNELS(avx2)
DECLARE_KERNELS(avx512)
#endif

namespace {

Kernels best_kernels() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f")) return KERNELS(avx512);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return KERNELS(avx2);
#endif
  return KERNELS(baseline);
}

}  // namespace

const Kernels& kernels() {
  static const Kernels best = best_kernels();
  return best;
}

}  // namespace binding
