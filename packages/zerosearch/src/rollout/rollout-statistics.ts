/**
 * What a step's rollouts were like, as metrics (§3.4). Means are over rollouts that did not fail, each counted once.
 * Unlike the reference's (D24): every number is there however the rollouts ended, lengths are those of the policy's own
 * tokens, and a search is one that was made.
 */
import { actionsOf, policyTokenCount, searchesOf, turnCount } from "./policy-tokens.ts";
import { isFailure, STOP_REASONS } from "./stop-reason.ts";
import type { Trajectory } from "./trajectory.ts";

/**
 * @returns by name: `env/number_of_actions/{mean,max,min}` turns, `env/finish_ratio` the share that answered,
 *   `env/number_of_valid_action` and `env/ratio_of_valid_action` searches and answers well formed, per rollout and as a
 *   share of its turns, `env/number_of_valid_search` searches made, `response_length/{mean,max,min}` policy tokens,
 *   `observation_length/mean` tokens read after the prompt, and how many ended for each reason, `env/stop/…`. Where all
 *   failed, only these counts.
 */
export function rolloutStatistics(trajectories: readonly Trajectory[]): Record<string, number> {
  const stops = STOP_REASONS.map((reason) => [
    `env/stop/${reason}`,
    trajectories.filter(({ stopReason }) => stopReason === reason).length,
  ]);
  const finished = trajectories.filter(({ stopReason }) => !isFailure(stopReason));
  const counts: Record<string, number> = Object.fromEntries(stops);
  if (finished.length === 0) return counts;
  const turns = finished.map((trajectory) => turnCount(trajectory));
  const valid = finished.map(
    (trajectory) => actionsOf(trajectory).filter(({ action }) => action.kind !== "invalid").length,
  );
  // A rollout whose prompt did not fit took no turn and did nothing wrong.
  const validRatios = valid.flatMap((count, i) => (turns[i] ? [count / turns[i]] : []));
  return {
    ...counts,
    ...spread("env/number_of_actions", turns),
    "env/finish_ratio": mean(finished.map(({ answer }) => (answer === null ? 0 : 1))),
    "env/number_of_valid_action": mean(valid),
    ...(validRatios.length > 0 && { "env/ratio_of_valid_action": mean(validRatios) }),
    "env/number_of_valid_search": mean(finished.map((trajectory) => searchesOf(trajectory).length)),
    ...spread("response_length", finished.map(policyTokenCount)),
    "observation_length/mean": mean(finished.map(observedTokens)),
  };
}

function observedTokens({ segments }: Trajectory): number {
  return segments.reduce((sum, { kind, tokens }) => sum + (kind === "observation" ? tokens.length : 0), 0);
}

function spread(name: string, values: readonly number[]): Record<string, number> {
  return { [`${name}/mean`]: mean(values), [`${name}/max`]: Math.max(...values), [`${name}/min`]: Math.min(...values) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
