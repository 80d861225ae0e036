// One step of AdamW for a stretch of numbers.

#include "kernels.h"
#include "vectors.h"

namespace binding {

void FOR_ISA(adamw)(const AdamW& s, int64_t from, int64_t to) {
  for (int64_t i = from; i < to; ++i) {
    const float gradient = s.gradient[i];
    const float first = s.first[i] * s.beta1 + gradient * s.rest1;
    const float second = s.second[i] * s.beta2 + gradient * gradient * s.rest2;
    s.first[i] = first;
    s.second[i] = second;
    s.parameter[i] = s.parameter[i] * s.kept - s.rate * first / (__builtin_sqrtf(second) * s.scale + s.epsilon);
  }
}

}  // namespace binding
