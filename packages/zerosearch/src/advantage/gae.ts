/**
 * Generalised advantage estimation (Schulman et al. 2016, arXiv 1506.02438) over the policy's own tokens. What an
 * observation inserts between two of them takes no time and has no value: the state after the last token before a
 * search is the one in which the next token is chosen (defect D8 of the reference, which runs over every column).
 */

/** How the future counts. */
export interface Discounting {
  /** γ in [0, 1]: what a reward is worth one token earlier. */
  readonly discount: number;
  /** λ in [0, 1]: 0 trusts the critic, 1 the rewards. */
  readonly lambda: number;
}

/**
 * @param rewards  of every policy token (T)
 * @param values   of the states in which they were chosen (T); the state after the last is worth 0
 * @returns advantages, and returns = advantages + values, which the critic learns (T)
 * @throws {RangeError} the lengths differ
 */
export function generalizedAdvantages(
  rewards: Float64Array,
  values: Float64Array,
  { discount, lambda }: Discounting,
): { readonly advantages: Float64Array; readonly returns: Float64Array } {
  if (values.length !== rewards.length) {
    throw new RangeError(`every policy token needs a value: got ${rewards.length} rewards, ${values.length} values`);
  }
  const advantages = new Float64Array(rewards.length);
  let next = { value: 0, advantage: 0 };
  for (let t = rewards.length - 1; t >= 0; t--) {
    const value = values[t] ?? 0;
    const surprise = (rewards[t] ?? 0) + discount * next.value - value;
    const advantage = surprise + discount * lambda * next.advantage;
    advantages[t] = advantage;
    next = { value, advantage };
  }
  return { advantages, returns: advantages.map((advantage, t) => advantage + (values[t] ?? 0)) };
}

/** Discounted sums of the rewards from each token on (T). */
export function rewardsToGo(rewards: Float64Array, discount: number): Float64Array {
  const sums = new Float64Array(rewards.length);
  let sum = 0;
  for (let t = rewards.length - 1; t >= 0; t--) {
    sum = (rewards[t] ?? 0) + discount * sum;
    sums[t] = sum;
  }
  return sums;
}
