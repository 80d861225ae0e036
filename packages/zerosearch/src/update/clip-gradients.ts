/** Clipping by the norm of all gradients together (Pascanu et al. 2013), and the check that they are numbers. */
import { foreachMul_, foreachNorm, stack, type Tensor, tidy } from "@zerosearch/torch";

export interface GradientNorm {
  /** Before clipping. */
  readonly norm: number;
  /** False if a gradient holds NaN or infinity: such a step must not be taken. */
  readonly isFinite: boolean;
}

/** Keeps the quotient finite for gradients of zero, as PyTorch does. */
const EPSILON = 1e-6;

/**
 * Scales gradients in place so that their joint Euclidean norm is at most `maxNorm`.
 *
 * @param maxNorm  Infinity only measures
 */
export function clipGradients(gradients: readonly Tensor[], maxNorm: number): GradientNorm {
  const norm = tidy(() => {
    const norms = foreachNorm(gradients).map((each) => each.to("float64"));
    return stack(norms).square().sum().sqrt().item();
  });
  const isNumber = Number.isFinite(norm);
  const scale = maxNorm / (norm + EPSILON);
  if (isNumber && scale < 1) foreachMul_(gradients, scale);
  return { norm, isFinite: isNumber };
}
