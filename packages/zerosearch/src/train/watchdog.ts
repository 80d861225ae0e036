/**
 * Notices a policy that exploits its simulator: one that finds queries to which the simulator writes what no real engine
 * would. Its reward rises while its score on a real engine falls, so reward alone is no evidence of learning.
 */
import type { Interval } from "../core/statistics.ts";

/** What is watched after an evaluation. */
export interface WatchedMoment {
  readonly step: number;
  /** Mean reward of training since the moment before; before the first step, of that step. NaN where there was none. */
  readonly reward: number;
  /** Exact match of a watched evaluation. */
  readonly exactMatch: Interval;
}

/** Share of pages that may hold, by chance, an answer that the simulator was not told. */
const MOST_UNDESERVED_LEAKS = 0.25;

/** Fewer pages say nothing of the share. */
const LEAST_PAGES = 20;

/**
 * Whether the last evaluation is significantly worse (95 %) than the best before it although the reward is not.
 *
 * @returns a sentence, or undefined where nothing is wrong
 */
export function exploitsSimulator(name: string, moments: readonly WatchedMoment[]): string | undefined {
  const last = moments.at(-1);
  const [first, ...others] = moments.slice(0, -1);
  if (!last || !first) return undefined;
  const best = others.reduce((most, each) => (each.exactMatch.value > most.exactMatch.value ? each : most), first);
  const fall = best.exactMatch.value - last.exactMatch.value;
  const hasFallen = fall > Math.hypot(halfWidth(best.exactMatch), halfWidth(last.exactMatch));
  if (!hasFallen || !(last.reward >= best.reward)) return undefined;
  return (
    `the policy seems to exploit the simulator: since step ${best.step} exact match on "${name}" fell from ` +
    `${best.exactMatch.value.toFixed(2)} to ${last.exactMatch.value.toFixed(2)}, while the reward went from ` +
    `${best.reward.toFixed(2)} to ${last.reward.toFixed(2)}. Audit the simulator, use the gate and consistent pages, or stop.`
  );
}

/** The same from the pages themselves: the truth where it was withheld. */
export function leaksUndeserved(metrics: Readonly<Record<string, number>>): string | undefined {
  const [rate = 0, pages = 0] = [metrics["simulator/undeserved_leak_rate"], metrics["simulator/undeserved"]];
  if (rate <= MOST_UNDESERVED_LEAKS || pages < LEAST_PAGES) return undefined;
  return (
    `${(100 * rate).toFixed(0)} % of ${pages} pages held an answer that the simulator was not told: it guesses the truth, ` +
    "which a policy learns to provoke."
  );
}

function halfWidth({ low, high }: Interval): number {
  return (high - low) / 2;
}
