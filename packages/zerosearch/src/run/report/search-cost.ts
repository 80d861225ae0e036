/** What the simulated searches of a run would have cost at a paid search API. */
import type { MetricsLine } from "../run-files.ts";
import { METRIC } from "./metric-names.ts";

export interface SearchCost {
  readonly searches: number;
  /** At the price that the run was configured with, SerpApi's by default. */
  readonly dollars: number;
  readonly dollarsPer1000: number;
}

/** @returns undefined if nothing was simulated */
export function searchCostOf(lines: readonly MetricsLine[]): SearchCost | undefined {
  const total = (metric: string) => lines.reduce((sum, { metrics }) => sum + (metrics[metric] ?? 0), 0);
  const searches = total(METRIC.simulatedResults);
  const dollars = total(METRIC.dollarsSaved);
  return searches === 0 ? undefined : { searches, dollars, dollarsPer1000: (1000 * dollars) / searches };
}
