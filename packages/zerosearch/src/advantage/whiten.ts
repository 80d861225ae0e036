/** Whitening: shifting and scaling all advantages of a batch to mean 0 and variance 1. */

/** Added to the variance, as in the reference. */
const EPSILON = 1e-8;

/**
 * Whitens arrays together, with the unbiased variance. They hold policy tokens only, so nothing else enters the
 * statistics (defect D8 of the reference). A single number becomes 0.
 *
 * @returns arrays of the same lengths
 */
export function whiten(arrays: readonly Float64Array[]): Float64Array[] {
  const count = arrays.reduce((sum, array) => sum + array.length, 0);
  const mean = total(arrays, (value) => value) / count;
  const variance = count < 2 ? 0 : total(arrays, (value) => (value - mean) ** 2) / (count - 1);
  const scale = 1 / Math.sqrt(variance + EPSILON);
  return arrays.map((array) => array.map((value) => (value - mean) * scale));
}

function total(arrays: readonly Float64Array[], term: (value: number) => number): number {
  let sum = 0;
  for (const array of arrays) for (const value of array) sum += term(value);
  return sum;
}
