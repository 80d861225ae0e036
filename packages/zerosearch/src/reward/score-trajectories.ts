/** From trajectories to scored ones. Those that failed for reasons outside the policy are set apart without a score. */
import { ConfigError } from "../core/errors.ts";
import { isFailure } from "../rollout/stop-reason.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import type { Reward, ScoredTrajectory } from "./reward.ts";

/** There is no score to average by mistake: what failed is of another type. */
export interface ScoredTrajectories {
  readonly scored: readonly ScoredTrajectory[];
  /** Those for which `isFailure(stopReason)` holds: to be counted, not learned from. */
  readonly failed: readonly Trajectory[];
}

/**
 * Both lists keep the trajectories' order. Asynchronous rewards run all at once.
 *
 * @throws {ConfigError} the reward gave something that is no finite number
 * @throws what the reward throws
 */
export async function scoreTrajectories(
  trajectories: readonly Trajectory[],
  reward: Reward,
): Promise<ScoredTrajectories> {
  const isScorable = ({ stopReason }: Trajectory) => !isFailure(stopReason);
  const scored = trajectories.filter(isScorable).map(async (trajectory) => {
    const score = await reward(trajectory);
    const { questionId, sample } = trajectory.key;
    for (const [name, value] of Object.entries({ ...score.measures, reward: score.reward })) {
      if (Number.isFinite(value)) continue;
      throw new ConfigError(
        `the reward's ${name} of question ${questionId}, sample ${sample}, is ${String(value)}; expected a finite number`,
      );
    }
    return { trajectory, score };
  });
  return {
    scored: await Promise.all(scored),
    failed: trajectories.filter((trajectory) => !isScorable(trajectory)),
  };
}
