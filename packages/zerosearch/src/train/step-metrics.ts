/**
 * What a step's metrics say besides the rollouts' own (rollout-statistics.ts) and the update's (update-models.ts): noise
 * and the simulator, the sampler's exactness, lengths, speed, memory, and what searching would have cost.
 */
import type { ScoredTrajectory } from "../reward/reward.ts";
import { policyTokenCount, searchesOf, tokenSequence } from "../rollout/policy-tokens.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import { SimulationStatistics } from "../search/simulator/simulation-statistics.ts";
import type { SamplerDifference } from "../update/evaluate-tokens.ts";

/**
 * Searches of a step, as `search/{made,failed,latency_ms,cost_saved_usd}`; of simulated ones `noise/{scheduled,realised,
 * realised_low,realised_high}` and `simulator/…`, each where there was a case. Repeated pages are searches, but no draws.
 */
export function searchMetrics(
  trajectories: readonly Trajectory[],
  { noise, dollarsPer1000Searches }: { readonly noise: number; readonly dollarsPer1000Searches: number },
): Record<string, number> {
  const searches = trajectories.flatMap((trajectory) => searchesOf(trajectory));
  const statistics = new SimulationStatistics();
  for (const { result } of searches) statistics.add(result, noise);
  const { realisedNoise, hitRate, leakRate, undeservedLeakRate, ...simulation } = statistics.summary();
  const simulated = searches.filter(({ result }) => result.simulation !== undefined).length;
  return {
    "search/made": searches.length,
    "search/failed": trajectories.filter(({ stopReason }) => stopReason === "search-failed").length,
    ...(searches.length > 0 && {
      "search/latency_ms": searches.reduce((sum, { result }) => sum + result.latencyMs, 0) / searches.length,
    }),
    ...(simulated > 0 &&
      present({
        "search/cost_saved_usd": (simulated * dollarsPer1000Searches) / 1000,
        "noise/scheduled": noise,
        "noise/realised": realisedNoise.share,
        "noise/realised_low": realisedNoise.low,
        "noise/realised_high": realisedNoise.high,
        "simulator/results": simulation.results,
        "simulator/repeated": simulation.repeated,
        "simulator/hit_rate": hitRate.share,
        "simulator/leak_rate": leakRate.share,
        "simulator/noisy_deserved": leakRate.count,
        "simulator/undeserved": simulation.undeserved,
        "simulator/undeserved_leak_rate": undeservedLeakRate.share,
        "simulator/redraws": simulation.redraws,
        "simulator/documents_per_page": simulation.documentsPerPage,
        "simulator/characters_per_document": simulation.charactersPerDocument,
      })),
  };
}

/** Means of the reward, `train/reward`, and of its measures, such as `train/f1` and `train/exact_match`. */
export function scoreMetrics(scored: readonly ScoredTrajectory[]): Record<string, number> {
  if (scored.length === 0) return {};
  const names = Object.keys(scored[0]?.score.measures ?? {});
  return {
    "train/reward": mean(scored.map(({ score }) => score.reward)),
    ...Object.fromEntries(
      names.map((name) => [`train/${snakeCase(name)}`, mean(scored.map(({ score }) => score.measures[name] ?? 0))]),
    ),
  };
}

/** `sampler/…`: how far recorded log-probabilities are from the trainer's; 0 where the sampler is exact. */
export function samplerMetrics(difference: SamplerDifference | undefined): Record<string, number> {
  if (!difference) return {};
  return {
    "sampler/logprob_difference_mean": difference.meanAbsolute,
    "sampler/logprob_difference_max": difference.largest,
    "sampler/kl": difference.kl,
    "sampler/checked_tokens": difference.tokens,
  };
}

/**
 * `prompt_length/…`, `global_seqlen/…` and `state_tokens/{total,coverage}` (§3.5): tokens of whole texts, and which share
 * of them, prompts aside, the policy wrote and learns from.
 */
export function lengthMetrics(trajectories: readonly Trajectory[]): Record<string, number> {
  if (trajectories.length === 0) return {};
  const prompts = trajectories.map(({ segments }) => (segments[0]?.kind === "prompt" ? segments[0].tokens.length : 0));
  const lengths = trajectories.map((trajectory) => tokenSequence(trajectory).tokens.length);
  const written = sum(trajectories.map(policyTokenCount));
  const state = sum(lengths) - sum(prompts);
  return {
    ...spread("prompt_length", prompts),
    ...spread("global_seqlen", lengths),
    "state_tokens/total": state,
    ...(state > 0 && { "state_tokens/coverage": written / state }),
  };
}

/** `perf/…`: tokens per second of the whole step, of generation and of the update, and the process's memory. */
export function performanceMetrics(
  trajectories: readonly Trajectory[],
  phases: Readonly<Record<string, number>>,
  stepMs: number,
): Record<string, number> {
  const tokens = sum(trajectories.map((trajectory) => tokenSequence(trajectory).tokens.length));
  const generated = sum(trajectories.map(policyTokenCount));
  const perSecond = (count: number, milliseconds: number | undefined): number | undefined =>
    milliseconds === undefined || milliseconds === 0 ? undefined : (1000 * count) / milliseconds;
  return present({
    "perf/tokens_per_second": perSecond(tokens, stepMs),
    "perf/generated_tokens_per_second": perSecond(generated, phases.gen),
    "perf/updated_tokens_per_second": perSecond(tokens, phases.update_actor),
    "perf/resident_bytes": process.memoryUsage().rss,
  });
}

function present(values: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined),
  );
}

function spread(name: string, values: readonly number[]): Record<string, number> {
  return { [`${name}/mean`]: mean(values), [`${name}/max`]: Math.max(...values), [`${name}/min`]: Math.min(...values) };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
