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
  /** Mean F1 of training over the same steps; NaN where the reward does not measure it. */
  readonly trainedF1: number;
  /** Scores of a watched evaluation. */
  readonly exactMatch: Interval;
  readonly f1: Interval;
}

/** Share of pages that may hold, by chance, an answer that the simulator was not told. */
const MOST_UNDESERVED_LEAKS = 0.25;

/** Share of noisy pages that may hold the answer. */
const MOST_NOISY_LEAKS = 0.25;

/**
 * By so much F1 in training may exceed F1 on a real engine, over the latter's interval: simulators tell more than engines find.
 * In the miniature it stays below, since training samples and is told noise, but where the simulator tells the truth to
 * every query: there it came to 0.25 above (docs/reproduction.md).
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
 * Whether answers in training are far better than on a real engine: a gap that opens early never shows as a fall.
 *
 * @returns a sentence, or undefined where nothing is wrong
 */
export function outrunsEngine(name: string, moments: readonly WatchedMoment[]): string | undefined {
  const last = moments.at(-1);
  if (!last || last.step === 0 || !(last.trainedF1 > last.f1.high + MOST_GAP)) return undefined;
  return (
    `the policy seems to exploit the simulator: F1 in training is ${last.trainedF1.toFixed(2)}, on "${name}" ` +
    `${last.f1.value.toFixed(2)}. Either the simulator tells what the engine does not find, or its pages look like no real ` +
    "ones. Audit the simulator, use the gate and consistent pages, or stop."
  );
}

/** What the pages say themselves: noise that tells the truth. It teaches nothing about noise. */
export function leaksNoise(metrics: Readonly<Record<string, number>>): string | undefined {
  const { "simulator/leak_rate": rate = 0, "simulator/noisy_deserved": pages = 0 } = metrics;
  if (rate <= MOST_NOISY_LEAKS || pages < LEAST_PAGES) return undefined;
  return (
    `${(100 * rate).toFixed(0)} % of ${pages} noisy pages held an answer: the curriculum adds hardly any noise. ` +
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
