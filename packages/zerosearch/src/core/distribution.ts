/** How values are spread. */
export interface Distribution {
  readonly count: number;
  readonly least: number;
  readonly median: number;
  readonly mean: number;
  /** 95 of 100 values are at most this. */
  readonly p95: number;
  readonly greatest: number;
}

/** @returns undefined if there are no values */
export function distributionOf(values: readonly number[]): Distribution | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const [least] = sorted;
  const greatest = sorted.at(-1);
  if (least === undefined || greatest === undefined) return undefined;
  /** The least value that so large a share is at most (nearest rank). */
  const quantile = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? greatest;
  return {
    count: sorted.length,
    least,
    median: quantile(0.5),
    mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
    p95: quantile(0.95),
    greatest,
  };
}
