// Softmax of rows, and its gradient. A row's sums are of sixteen strands, whatever the instruction set: zeros after its
// end change no bit.

#include "kernels.h"
#include "vectors.h"

namespace binding {

namespace {

constexpr int kVectors = kStrands / kLanes;

// e^x of x <= 0, by the polynomial of the Cephes library (expf, Moshier 1989); relative error 2e-7. Below the normal
// numbers it is 0; NaN stays NaN.
INLINE Vector exponential(Vector x) {
  constexpr float kLowest = -87.33f;
  constexpr float kRoundToInteger = 12582912.0f;  // 1.5 * 2^23
  const Vector bounded = x < kLowest ? Vector{} + kLowest : x;
  const Vector power = (bounded * 1.44269504f + kRoundToInteger) - kRoundToInteger;
  const Vector rest = bounded - power * 0.693359375f + power * 2.12194440e-4f;
  Vector y = rest * 1.9875691500e-4f + 1.3981999507e-3f;
  y = y * rest + 8.3334519073e-3f;
  y = y * rest + 4.1665795894e-2f;
  y = y * rest + 1.6666665459e-1f;
  y = y * rest + 5.0000001201e-1f;
  y = y * (rest * rest) + rest + 1.0f;
  const IntVector exponent = (__builtin_convertvector(power, IntVector) + 127) << 23;
  Vector scale;
  __builtin_memcpy(&scale, &exponent, sizeof(scale));
  return x < kLowest ? Vector{} : y * scale;
}

// Sixteen numbers of a row; what lies past its end is `filler`.
struct Strands {
  Vector part[kVectors];
};

INLINE Strands strands(const float* row, int64_t count, float filler) {
  Strands result;
  for (int v = 0; v < kVectors; ++v) {
    const int64_t left = count - v * kLanes;
    if (left >= kLanes) {
      result.part[v] = load(row + v * kLanes);
    } else {
      result.part[v] = Vector{} + filler;
      for (int64_t i = 0; i < left; ++i) result.part[v][i] = row[v * kLanes + i];
    }
  }
  return result;
}

INLINE float sum_of(const Strands& sums) {
  float all[kStrands];
  for (int v = 0; v < kVectors; ++v) put(all + v * kLanes, sums.part[v]);
  for (int width = kStrands / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) all[i] += all[i + width];
  }
  return all[0];
}

INLINE float largest_of(const Strands& numbers) {
  float largest = numbers.part[0][0];
  for (int v = 0; v < kVectors; ++v) {
    for (int i = 0; i < kLanes; ++i) largest = numbers.part[v][i] > largest ? numbers.part[v][i] : largest;
  }
  return largest;
}

INLINE void softmax_row(float* row, int64_t seen, int64_t width) {
  constexpr float kNothing = -__builtin_inff();
  Strands largest = strands(row, seen, kNothing);
  for (int64_t i = kStrands; i < seen; i += kStrands) {
    const Strands next = strands(row + i, seen - i, kNothing);
    for (int v = 0; v < kVectors; ++v) {
      largest.part[v] = next.part[v] > largest.part[v] ? next.part[v] : largest.part[v];
    }
  }
  const float most = largest_of(largest);
  Strands sums = {};
  for (int64_t i = 0; i < seen; i += kStrands) {
    const Strands next = strands(row + i, seen - i, kNothing);
    for (int v = 0; v < kVectors; ++v) {
      const Vector power = exponential(next.part[v] - most);
      put(row + i + v * kLanes, power);
      sums.part[v] += power;
    }
  }
  const float share = 1.0f / sum_of(sums);
  for (int64_t i = 0; i < seen; i += kLanes) put(row + i, load(row + i) * share);
  const int64_t written = (seen + kStrands - 1) / kStrands * kStrands;
  for (int64_t i = written; i < width; i += kLanes) put(row + i, Vector{});
}

}  // namespace

void FOR_ISA(softmax)(const Scores& scores, int64_t width) {
  for (int64_t row = 0; row < scores.rows; ++row) {
    softmax_row(scores.data + row * scores.step, scores.seen + row * scores.more, width);
  }
}

void FOR_ISA(softmax_backward)(const Scores& weights, float* gradients, int64_t width) {
  for (int64_t row = 0; row < weights.rows; ++row) {
    const float* weight = weights.data + row * weights.step;
    float* gradient = gradients + row * weights.step;
    Strands sums = {};
    for (int64_t i = 0; i < width; i += kStrands) {
      for (int v = 0; v < kVectors; ++v) {
        sums.part[v] += load(weight + i + v * kLanes) * load(gradient + i + v * kLanes);
      }
    }
    const float mean = sum_of(sums);
    for (int64_t i = 0; i < width; i += kLanes) put(gradient + i, load(weight + i) * (load(gradient + i) - mean));
  }
}

}  // namespace binding
