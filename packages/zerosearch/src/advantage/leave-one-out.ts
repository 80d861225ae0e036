/**
 * REINFORCE with a leave-one-out baseline (Kool et al. 2019; RLOO, arXiv 2402.14740): a reward minus the mean of its
 * group's other rewards. Unlike the group's own mean, that baseline does not depend on the reward, so it adds no bias.
 *
 * @param rewards  of one group
 * @returns one advantage per reward; a group of one has no others and keeps its reward
 */
export function leaveOneOut(rewards: readonly number[]): number[] {
  if (rewards.length < 2) return [...rewards];
  const sum = rewards.reduce((total, reward) => total + reward, 0);
  return rewards.map((reward) => reward - (sum - reward) / (rewards.length - 1));
}
