/**
 * Notices a policy that exploits its simulator: one that finds queries to which the simulator writes what no real engine
 * would. Its reward rises while its score on a real engine falls or stays behind, so reward alone is no evidence of
 * learning.
 */
import type { Interval } from "../core/statistics.ts";

/** What is watched after an evaluation. */
export interface WatchedMoment {
  readonly step: number;
  /** Mean reward of training since the moment before; before the first step, of that step. NaN where there was none. */
  readonly reward: number;
  /** Scores of a watched evaluation. */
  readonly exactMatch: Interval;
  readonly f1: Interval;
}

/** Share of pages that may hold, by chance, an answer that the simulator was not told. */
const MOST_UNDESERVED_LEAKS = 0.25;

/** Share of noisy pages that may hold the answer. */
const MOST_NOISY_LEAKS = 0.25;

/**
 * By so much the reward may exceed F1 on a real engine, over the latter's interval: simulators tell more than engines find.
 * The miniature's policies stay below F1, since training samples and is told noise; without the gate, where they exploit,
 * they come to 0.3 above the interval (docs/reproduction.md).
 */
const MOST_GAP = 0.2;

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

/**
 * Whether training's reward is far above what the policy is worth on a real engine: a gap that opens early never shows as
 * a fall. For rewards between 0 and 1, as those of answers are.
 *
 * @returns a sentence, or undefined where nothing is wrong
 */
export function outrunsEngine(name: string, moments: readonly WatchedMoment[]): string | undefined {
  const last = moments.at(-1);
  if (!last || moments.length < 2 || !(last.reward > last.f1.high + MOST_GAP)) return undefined;
  return (
    `the policy seems to exploit the simulator: its reward in training is ${last.reward.toFixed(2)}, F1 on "${name}" ` +
    `${last.f1.value.toFixed(2)}. Either the simulator tells what the engine does not find, or its pages look like no real ` +
    "ones. Audit the simulator, use the gate and consistent pages, or stop."
  );
}

/** What the pages say themselves: noise that tells the truth. It teaches nothing about noise. */
export function leaksNoise(metrics: Readonly<Record<string, number>>): string | undefined {
  const { "simulator/leak_rate": rate = 0, "simulator/leak_rate_low": low = 0 } = metrics;
  if (low <= MOST_NOISY_LEAKS) return undefined;
  return (
    `${(100 * rate).toFixed(0)} % of the noisy pages held an answer: the curriculum's noise is hardly any. ` +
    "Audit the simulator, or let labels be checked (search.maxDraws)."
  );
}

/** And the truth where it was withheld. */
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
