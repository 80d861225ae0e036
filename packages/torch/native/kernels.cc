#include "kernels.h"

#include <cstdlib>
#include <string>

namespace binding {

#define DECLARE_KERNELS(isa)                                   \
  void multiply_block_##isa(const Block&);                     \
  void softmax_##isa(const Scores&, int64_t);                  \
  void softmax_backward_##isa(const Scores&, float*, int64_t); \
  void adamw_##isa(const AdamW&, int64_t, int64_t);            \
  int64_t multiply_add_##isa(float*, int64_t);
#define KERNELS(isa) \
  { #isa, multiply_block_##isa, softmax_##isa, softmax_backward_##isa, adamw_##isa, multiply_add_##isa }

DECLARE_KERNELS(baseline)
#ifdef __x86_64__
DECLARE_KERNELS(avx2)
DECLARE_KERNELS(avx512)
#endif

namespace {

// The processor's best, or less where libtorch's own variable asks for less.
Kernels best_kernels() {
  const char* variable = std::getenv("ATEN_CPU_CAPABILITY");
  const std::string most = variable == nullptr ? "" : variable;
  if (most == "default") return KERNELS(baseline);
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && most != "avx2") return KERNELS(avx512);
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
