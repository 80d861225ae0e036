/**
 * A number passed where libtorch takes a scalar: whole numbers and bigints are integers, other numbers floating point.
 * A float tensor keeps its dtype either way; an integer tensor becomes floating point by the latter only.
 */
export type Scalar = number | bigint | boolean;

/** Whether a value is a scalar rather than a tensor. */
export function isScalar(value: unknown): value is Scalar {
  return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
}
