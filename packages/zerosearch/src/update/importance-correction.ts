/**
 * Correcting for rollouts that another distribution drew: a truncated sampler (defect D7 of the reference), another
 * engine, an older version. A token's loss is multiplied by p(old policy) / p(drawn from), bounded one way or the other.
 * Where the sampler is exact and truncates nothing, every weight is 1.
 */

export interface ImportanceCorrection {
  /** Weights beyond the bounds are held at the upper one (TIS), or their tokens are left out (masked). */
  readonly kind: "truncate" | "mask";
  /** Whose ratio: each token's, the product over the trajectory, or the trajectory's geometric mean. */
  readonly level: "token" | "product" | "geometric";
  /** Lower bound, for `mask` only. Default 0. */
  readonly least?: number;
  readonly most: number;
}

/** Keeps a product of ratios finite. */
const LARGEST_LOG_WEIGHT = 20;

/**
 * @param oldLogProbs      of one trajectory's policy tokens, under the policy before the update
 * @param drawnLogProbs    of the same tokens, under what they were drawn from
 * @returns a constant factor for every token's loss
 */
export function importanceWeights(
  correction: ImportanceCorrection,
  oldLogProbs: Float64Array,
  drawnLogProbs: Float64Array,
): Float64Array {
  if (oldLogProbs.length !== drawnLogProbs.length) {
    throw new RangeError(`${oldLogProbs.length} old log-probabilities for ${drawnLogProbs.length} drawn tokens`);
  }
  const logRatios = oldLogProbs.map((logProb, t) => logProb - (drawnLogProbs[t] ?? logProb));
  const { kind, level, least = 0, most } = correction;
  const sum = logRatios.reduce((total, ratio) => total + ratio, 0);
  const shared = level === "product" ? sum : sum / logRatios.length;
  return logRatios.map((own) => {
    const log = level === "token" ? own : shared;
    const ratio = Math.exp(Math.min(LARGEST_LOG_WEIGHT, Math.max(-LARGEST_LOG_WEIGHT, log)));
    if (kind === "truncate") return Math.min(most, ratio);
    return ratio < least || ratio > most ? 0 : ratio;
  });
}
