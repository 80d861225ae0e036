/** Who sets the weight of KL from step to step. The weight is all there is to save. */

export type KlController =
  | { readonly kind: "fixed" }
  /** Proportional (Ziegler et al. 2019, arXiv 1909.08593 §2.2): towards `target`, over `horizon` trajectories. */
  | { readonly kind: "adaptive"; readonly target: number; readonly horizon: number };

/** Most of the error that a step answers to. */
const LARGEST_ERROR = 0.2;

/**
 * The next step's weight.
 *
 * @param coefficient   the last one
 * @param measured      the last step's mean KL per token, and over how many trajectories
 */
export function nextKlCoefficient(
  controller: KlController,
  coefficient: number,
  measured: { readonly kl: number; readonly trajectories: number },
): number {
  if (controller.kind === "fixed") return coefficient;
  const { target, horizon } = controller;
  const error = Math.min(LARGEST_ERROR, Math.max(-LARGEST_ERROR, measured.kl / target - 1));
  return coefficient * (1 + (error * measured.trajectories) / horizon);
}
