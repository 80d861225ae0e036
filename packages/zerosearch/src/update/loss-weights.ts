/**
 * How a batch's token losses become one number: every token gets its weight before the batch is cut into micro-batches,
 * and the loss is the weighted sum. So it is one mean over the whole (mini-)batch whatever the micro-batching (defects
 * D13 and D42 of the reference, which averages each micro-batch and then the averages).
 */

export type LossMean =
  /** Every token counts the same (DAPO, the reference). */
  | { readonly kind: "token" }
  /** Every trajectory counts the same, and within it every token (GRPO's paper). */
  | { readonly kind: "sequence" }
  /** Sums over tokens, divided by the number of trajectories and a constant: length has no influence (Dr. GRPO). */
  | { readonly kind: "constant"; readonly tokens: number };

/**
 * @param lengths  policy tokens of each trajectory of the batch, at least one each
 * @returns the weight of every token of each trajectory
 */
export function lossWeights(mean: LossMean, lengths: readonly number[]): number[] {
  switch (mean.kind) {
    case "token": {
      const tokens = lengths.reduce((sum, length) => sum + length, 0);
      return lengths.map(() => 1 / tokens);
    }
    case "sequence":
      return lengths.map((length) => 1 / (lengths.length * length));
    case "constant":
      return lengths.map(() => 1 / (lengths.length * mean.tokens));
    default:
      return mean satisfies never;
  }
}
