/** What a model that learns takes of memory: bytes for every parameter, by what holds them. */
import type { Dtype } from "@zerosearch/torch";

const WIDTHS: Readonly<Partial<Record<Dtype, number>>> = { float64: 8, float32: 4, bfloat16: 2, float16: 2 };

export interface ParameterBytes {
  readonly weights: number;
  /** Two moments, and master weights beside those of 16 bits; see optimizer.ts. */
  readonly optimizer: number;
  /** As they are summed over micro-batches: 16 bits become 32. */
  readonly gradients: number;
}

/** @throws {RangeError} weights are never of this dtype */
export function parameterBytes(dtype: Dtype): ParameterBytes {
  const weights = WIDTHS[dtype];
  if (weights === undefined) throw new RangeError(`weights are of ${Object.keys(WIDTHS).join(", ")}, got ${dtype}`);
  const wide = Math.max(weights, 4);
  return { weights, optimizer: 2 * wide + (weights < wide ? wide : 0), gradients: wide };
}
