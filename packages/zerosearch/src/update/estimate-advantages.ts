/** From evaluated trajectories to what is learned from each: the stage between evaluation and update. */
import type { RewardedRollout } from "../advantage/advantage-estimator.ts";
import type { Advantages, EvaluatedTrajectory } from "../advantage/evaluated-trajectory.ts";
import { isLearnable } from "../advantage/learnable.ts";
import { tokenRewards } from "../advantage/token-rewards.ts";
import type { Algorithm } from "./algorithms.ts";

/** A trajectory and what is to be learned from it. Arrays hold policy tokens only. */
export interface LearnedTrajectory extends EvaluatedTrajectory, Advantages {
  /** KL included, where it is part of the reward. */
  readonly tokenRewards: Float64Array;
}

/**
 * Advantages of a batch. Trajectories that failed or hold no policy token are left out before any baseline is made; the
 * rollouts of one question in one step are a group, whatever order they come in.
 *
 * @param klCoefficient  what the controller says; default the algorithm's own
 * @returns the learnable trajectories, in their order
 * @throws {RangeError} a reward is not finite, or what the algorithm needs was not evaluated
 */
export function estimateAdvantages(
  algorithm: Algorithm,
  evaluated: readonly EvaluatedTrajectory[],
  klCoefficient: number = algorithm.kl.coefficient,
): LearnedTrajectory[] {
  const { estimator, place } = algorithm.kl;
  const penalty = place === "reward" ? { estimator, coefficient: klCoefficient } : undefined;
  const learnable = evaluated.filter(({ trajectory }) => isLearnable(trajectory));
  const groups = new Map<string, { readonly at: number; readonly rollout: RewardedRollout }[]>();
  for (const [at, { trajectory, score, oldLogProbs, referenceLogProbs, values }] of learnable.entries()) {
    const rewards = tokenRewards(score.reward, oldLogProbs, referenceLogProbs, penalty);
    const { seed, step, questionId } = trajectory.key;
    const name = JSON.stringify([seed, step, questionId]);
    const group = groups.get(name) ?? [];
    group.push({ at, rollout: { rewards, ...(values ? { values } : {}) } });
    groups.set(name, group);
  }
  const members = [...groups.values()];
  const estimates = algorithm.estimate(
    members.map((group) => group.map(({ rollout }) => rollout)),
    algorithm.discounting,
  );
  const learned = members.flatMap((group, q) =>
    group.flatMap(({ at, rollout }, g) => {
      const [evaluation, estimate] = [learnable[at], estimates[q]?.[g]];
      if (!evaluation || !estimate) throw new Error(`internal: ${algorithm.name} gave no advantages for rollout ${at}`);
      return { at, learned: { ...evaluation, ...estimate, tokenRewards: rollout.rewards } };
    }),
  );
  return learned.sort((a, b) => a.at - b.at).map((each) => each.learned);
}
