/**
 * Two ways to compute the same model. A matrix product may give one row different last bits when other rows stand
 * beside it: kernels treat leftover rows differently, and the way they split long sums depends on the whole shape.
 * `exact` keeps every shape on a grid on which that does not happen, so a token's log-probability is the same to the
 * bit whether it was sampled alone, in a batch, or scored in training. `fast` lets the shapes fall as they may.
 */
import { type AttentionSummation, FAST_SUMMATION, type SummationRule } from "./summation.ts";

/** A way to compute. */
export interface Numerics {
  readonly mode: "exact" | "fast";
  /** Rows of every product with a weight matrix by the BLAS are a multiple of this. */
  readonly rowMultiple: number;
  /** Rows of everything else are a multiple of this. */
  readonly elementMultiple: number;
  /** How products with packed weights are summed, if they may be used. */
  readonly summation: SummationRule | undefined;
  /** How generation sums the products of attention, if it may do so itself. */
  readonly attentionSummation: AttentionSummation | undefined;
  /** Rows of queries in attention by the BLAS are a multiple of this. */
  readonly queryMultiple: number;
  /** Keys in attention are a multiple of this. */
  readonly keyMultiple: number;
  /** Weighted values are summed in chunks of so many keys. */
  readonly keyChunk: number;
}

/** No grid at all, for float32 on the CPU. */
export const FAST_NUMERICS: Numerics = {
  mode: "fast",
  rowMultiple: 1,
  elementMultiple: 1,
  summation: FAST_SUMMATION,
  attentionSummation: { scores: FAST_SUMMATION, values: FAST_SUMMATION },
  queryMultiple: 1,
  keyMultiple: 1,
  keyChunk: Number.POSITIVE_INFINITY,
};

/** The smallest multiple of `multiple` that is at least `size`. */
export function roundUp(size: number, multiple: number): number {
  return Math.ceil(size / multiple) * multiple;
}
