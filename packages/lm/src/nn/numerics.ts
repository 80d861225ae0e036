/**
 * Two ways to compute the same model. Kernels may give one row of a tensor different last bits when other rows stand beside
 * it: they treat leftover elements differently, and libraries split long sums by the whole shape. `exact` keeps every shape on
 * a grid on which that does not happen, so a token's log-probability is the same to the bit whether it was sampled alone, in
 * a batch, or scored in training. `fast` lets the shapes fall as they may.
 */

/** A way to compute. */
export interface Numerics {
  readonly mode: "exact" | "fast";
  /** Rows of a pass are a multiple of this. */
  readonly rowMultiple: number;
  /** Rows of queries in attention are a multiple of this. */
  readonly queryMultiple: number;
  /** Keys in attention are a multiple of this. */
  readonly keyMultiple: number;
  /** Weighted values are summed in chunks of so many keys. */
  readonly keyChunk: number;
}

/** No grid at all. */
export const FAST_NUMERICS: Numerics = {
  mode: "fast",
  rowMultiple: 1,
  queryMultiple: 1,
  keyMultiple: 1,
  keyChunk: Number.POSITIVE_INFINITY,
};

/** The smallest multiple of `multiple` that is at least `size`. */
export function roundUp(size: number, multiple: number): number {
  return Math.ceil(size / multiple) * multiple;
}
