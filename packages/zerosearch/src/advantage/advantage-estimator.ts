/** What all advantage functions look like to the table of algorithms, and the ways to make one of simpler functions. */
import type { Advantages } from "./evaluated-trajectory.ts";
import { type Discounting, generalizedAdvantages, rewardsToGo } from "./gae.ts";
import { whiten } from "./whiten.ts";

/** What is known of one rollout: numbers of its policy tokens only. */
export interface RewardedRollout {
  /** KL included, where it is part of the reward. */
  readonly rewards: Float64Array;
  readonly values?: Float64Array;
}

/** Advantages of a batch [Q][G], in the same order; groups may differ in size. */
export type AdvantageEstimator = (
  groups: readonly (readonly RewardedRollout[])[],
  discounting: Discounting,
) => Advantages[][];

/** Every token of a rollout gets the advantage of the rollout's summed reward within its group. */
export function perGroup(advantagesOf: (rewards: readonly number[]) => number[]): AdvantageEstimator {
  return (groups) =>
    groups.map((group) => {
      const advantages = advantagesOf(group.map(({ rewards }) => rewards.reduce((sum, reward) => sum + reward, 0)));
      return group.map(({ rewards }, i) => ({ advantages: rewards.map(() => advantages[i] ?? 0) }));
    });
}

/** Generalised advantages, whitened over the batch. Needs values; gives returns. */
export const whitenedGae: AdvantageEstimator = (groups, discounting) => {
  const estimated = groups.map((group) =>
    group.map(({ rewards, values }) => {
      if (!values) throw new RangeError("generalised advantages need the critic's values, got none");
      return generalizedAdvantages(rewards, values, discounting);
    }),
  );
  const white = whiten(estimated.flat().map(({ advantages }) => advantages));
  let next = 0;
  return estimated.map((group) =>
    group.map(({ advantages, returns }) => ({ advantages: white[next++] ?? advantages, returns })),
  );
};

/** Rewards to go, whitened over the batch (REINFORCE++, arXiv 2501.03262): no critic, no groups. */
export const whitenedRewardsToGo: AdvantageEstimator = (groups, { discount }) => {
  const white = whiten(groups.flat().map(({ rewards }) => rewardsToGo(rewards, discount)));
  let next = 0;
  return groups.map((group) => group.map(({ rewards }) => ({ advantages: white[next++] ?? rewards })));
};
