/** How a cost grows with a size. */

/**
 * The p of cost = c · size^p: least squares over the logarithms.
 *
 * @param points  at least two different sizes; sizes and costs above 0
 * @throws {RangeError} they say nothing about p
 */
export function fittedExponent(points: readonly (readonly [size: number, cost: number])[]): number {
  const logs = points.map(([size, cost]) => [Math.log(size), Math.log(cost)] as const);
  const mean = (of: (point: readonly [number, number]) => number): number =>
    logs.reduce((sum, point) => sum + of(point), 0) / logs.length;
  const [meanSize, meanCost] = [mean(([size]) => size), mean(([, cost]) => cost)];
  const spread = mean(([size]) => (size - meanSize) ** 2);
  const exponent = mean(([size, cost]) => (size - meanSize) * (cost - meanCost)) / spread;
  if (Number.isFinite(exponent)) return exponent;
  throw new RangeError(
    `an exponent needs two different sizes, and sizes and costs above 0; got ${JSON.stringify(points)}`,
  );
}
