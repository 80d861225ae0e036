/** What a batch holds, as metrics: rewards, advantages, returns and values of policy tokens only. */

import { tokenKl } from "../advantage/token-rewards.ts";
import type { LearnedTrajectory } from "./estimate-advantages.ts";

/**
 * @returns `critic/{score,rewards,advantages,returns,values}/{mean,max,min}` (score and rewards per trajectory, without
 *   and with KL, the others per policy token), `critic/vf_explained_var`, `critic/kl` the mean k3 per token before the
 *   update; what was not evaluated is missing
 */
export function batchStatistics(batch: readonly LearnedTrajectory[]): Record<string, number> {
  const joined = (of: (learned: LearnedTrajectory) => Float64Array | undefined): Float64Array =>
    Float64Array.from(batch.flatMap((learned) => Array.from(of(learned) ?? [])));
  const values = joined((learned) => learned.values);
  const returns = joined((learned) => learned.returns);
  const kls = joined(({ oldLogProbs, referenceLogProbs }) =>
    referenceLogProbs?.map((reference, t) => tokenKl("k3", oldLogProbs[t] ?? reference, reference)),
  );
  return {
    ...spread(
      "critic/score",
      Float64Array.from(batch, ({ score }) => score.reward),
    ),
    ...spread(
      "critic/rewards",
      Float64Array.from(batch, ({ tokenRewards }) => sumOf(tokenRewards)),
    ),
    ...spread(
      "critic/advantages",
      joined((learned) => learned.advantages),
    ),
    ...spread("critic/returns", returns),
    ...spread("critic/values", values),
    ...(kls.length > 0 && { "critic/kl": meanOf(kls) }),
    ...(values.length > 0 && returns.length > 0 && { "critic/vf_explained_var": explainedVariance(values, returns) }),
  };
}

/** 1 − var(returns − values) / var(returns): 1 if the critic knew all, 0 if it knew no more than the mean. */
function explainedVariance(values: Float64Array, returns: Float64Array): number {
  const surprise = varianceOf(returns.map((value, t) => value - (values[t] ?? 0)));
  const whole = varianceOf(returns);
  return whole === 0 ? 0 : 1 - surprise / whole;
}

function spread(name: string, values: Float64Array): Record<string, number> {
  if (values.length === 0) return {};
  return {
    [`${name}/mean`]: meanOf(values),
    [`${name}/max`]: values.reduce((most, value) => Math.max(most, value)),
    [`${name}/min`]: values.reduce((least, value) => Math.min(least, value)),
  };
}

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);
const meanOf = (values: Float64Array): number => sumOf(values) / values.length;

function varianceOf(values: Float64Array): number {
  const mean = meanOf(values);
  return meanOf(values.map((value) => (value - mean) ** 2));
}
