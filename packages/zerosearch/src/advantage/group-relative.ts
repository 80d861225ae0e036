/** Advantages relative to a group: the rollouts of one question are each other's baseline. */

/** Added to the deviation, as in the reference. */
const EPSILON = 1e-6;

/**
 * Group-relative advantages (GRPO): a reward minus its group's mean, over the group's deviation (n − 1).
 *
 * @param rewards  of one group
 * @returns one advantage per reward; a group of one keeps its reward, as in the reference
 * @see DeepSeekMath §4.1.2 (arXiv 2402.03300)
 */
export function groupRelative(rewards: readonly number[]): number[] {
  if (rewards.length < 2) return [...rewards];
  const mean = meanOf(rewards);
  const variance = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / (rewards.length - 1);
  return rewards.map((reward) => (reward - mean) / (Math.sqrt(variance) + EPSILON));
}

/**
 * The same without the deviation, which makes questions that are nearly always right or wrong count for more than
 * others (Dr. GRPO, arXiv 2503.20783).
 */
export function groupCentred(rewards: readonly number[]): number[] {
  if (rewards.length < 2) return [...rewards];
  const mean = meanOf(rewards);
  return rewards.map((reward) => reward - mean);
}

function meanOf(rewards: readonly number[]): number {
  return rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
}
