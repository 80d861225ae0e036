/** Root mean square normalisation (Zhang & Sennrich 2019, arXiv 1910.07467, equation 4). */
import { type Device, fromTypedArray, type Tensor, tidy } from "@zerosearch/torch";

/**
 * What norms over rows of one size share, float32 (1) each. Tensors, because libtorch makes one of a number in every call, and
 * its `mean` divides by one: of few rows that was a third of a norm's time.
 */
export interface NormConstants {
  readonly inverseSize: Tensor;
  readonly epsilon: Tensor;
}

/** Belong to the enclosing scope. */
export function normConstants(size: number, epsilon: number, device: Device): NormConstants {
  const constant = (value: number): Tensor => fromTypedArray(Float32Array.of(value), [1], { device });
  return { inverseSize: constant(1 / size), epsilon: constant(epsilon) };
}

/**
 * x / √(mean(x²) + ε) · weight over the last dimension; the mean is taken in float32 whatever the dtype, as in the
 * checkpoints' own code.
 */
export function rmsNorm(x: Tensor, weight: Tensor, { inverseSize, epsilon }: NormConstants): Tensor {
  return tidy(() => {
    const isWide = x.dtype === "float32";
    const wide = isWide ? x : x.to("float32");
    const normalised = wide.mul(wide.square().sum(-1, true).mul(inverseSize).add(epsilon).rsqrt());
    return (isWide ? normalised : normalised.to(x.dtype)).mul(weight);
  });
}
