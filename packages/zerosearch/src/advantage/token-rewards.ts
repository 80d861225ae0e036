/**
 * Rewards of tokens: the trajectory's reward stands on the last token that the policy wrote, and where KL is part of
 * the reward, every token pays for its own divergence (Ziegler et al. 2019, arXiv 1909.08593). Observation tokens have
 * no place in these arrays, so they pay nothing.
 */

/** How the divergence of one token is estimated; see {@link tokenKl}. */
export type KlEstimator = "k1" | "k2" | "k3" | "abs";

/** k3 is bounded by this, as in the reference. */
export const LARGEST_K3 = 10;

/**
 * Estimates KL(policy ‖ reference) from one token drawn from the policy (Schulman 2020, "Approximating KL divergence").
 * With d = reference − policy: k1 = −d, k2 = ½d², k3 = eᵈ − d − 1, abs = |d|.
 */
export function tokenKl(estimator: KlEstimator, logProb: number, referenceLogProb: number): number {
  const difference = referenceLogProb - logProb;
  switch (estimator) {
    case "k1":
      return -difference;
    case "k2":
      return 0.5 * difference * difference;
    case "k3":
      return Math.min(LARGEST_K3, Math.expm1(difference) - difference);
    case "abs":
      return Math.abs(difference);
    default:
      return estimator satisfies never;
  }
}

/** What KL takes from the reward. */
export interface KlPenalty {
  readonly estimator: KlEstimator;
  /** β ≥ 0 */
  readonly coefficient: number;
}

/**
 * @param score      the trajectory's reward
 * @param logProbs   of the policy's tokens before the update, at least one
 * @param reference  of the same tokens under the reference; may be missing if there is no penalty
 * @returns one reward per token
 * @throws {RangeError} the score is not finite, or the lengths differ
 */
export function tokenRewards(
  score: number,
  logProbs: Float64Array,
  reference?: Float64Array,
  penalty?: KlPenalty,
): Float64Array {
  if (!Number.isFinite(score)) throw new RangeError(`a reward must be a finite number, got ${score}`);
  const rewards = new Float64Array(logProbs.length);
  if (penalty !== undefined && penalty.coefficient !== 0) {
    if (reference?.length !== logProbs.length) {
      throw new RangeError(
        `KL in the reward needs the reference's log-probabilities of ${logProbs.length} tokens, got ` +
          `${reference?.length ?? "none"}. Evaluate the reference first.`,
      );
    }
    for (const [t, logProb] of logProbs.entries()) {
      rewards[t] = -penalty.coefficient * tokenKl(penalty.estimator, logProb, reference[t] ?? logProb);
    }
  }
  const last = logProbs.length - 1;
  rewards[last] = (rewards[last] ?? 0) + score;
  return rewards;
}
