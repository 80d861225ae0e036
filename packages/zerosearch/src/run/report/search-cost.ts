/** What the simulated searches of a run would have cost at a paid search API. */
import type { MetricsLine } from "../run-files.ts";
import { METRIC } from "./metric-names.ts";

/** SerpApi's price, where a run has not written its own. */
const DOLLARS_PER_1000 = 15;

export interface SearchCost {
  readonly searches: number;
  readonly dollars: number;
  readonly dollarsPer1000: number;
}

/** @returns undefined if nothing was simulated */
export function searchCostOf(lines: readonly MetricsLine[]): SearchCost | undefined {
  const total = (metric: string) => lines.reduce((sum, { metrics }) => sum + (metrics[metric] ?? 0), 0);
  const searches = total(METRIC.simulatedResults);
  if (searches === 0) return undefined;
  const isPriced = lines.some(({ metrics }) => METRIC.dollarsSaved in metrics);
  const dollars = isPriced ? total(METRIC.dollarsSaved) : (searches * DOLLARS_PER_1000) / 1000;
  return { searches, dollars, dollarsPer1000: (1000 * dollars) / searches };
}
