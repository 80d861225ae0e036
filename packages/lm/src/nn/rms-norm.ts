/** Root mean square normalisation (Zhang & Sennrich 2019, arXiv 1910.07467, equation 4). */
import { type Tensor, tidy } from "@zerosearch/torch";

/**
 * x / √(mean(x²) + ε) · weight over the last dimension; the mean is taken in float32 whatever the dtype, as in the
 * checkpoints' own code.
 */
export function rmsNorm(x: Tensor, weight: Tensor, epsilon: number): Tensor {
  return tidy(() => {
    const isWide = x.dtype === "float32";
    const wide = isWide ? x : x.to("float32");
    const normalised = wide.mul(wide.square().mean(-1, true).add(epsilon).rsqrt());
    return (isWide ? normalised : normalised.to(x.dtype)).mul(weight);
  });
}
