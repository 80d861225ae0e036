/**
 * Dynamic sampling (DAPO, arXiv 2503.14476 §3.2): a group whose rewards are all alike has no advantage to learn from, so
 * other questions are drawn in its place.
 */
import { isLearnable } from "../advantage/learnable.ts";
import type { ScoredTrajectory } from "../reward/reward.ts";

/** Whether the learnable rollouts of a group differ in reward. */
function hasSpread(group: readonly ScoredTrajectory[]): boolean {
  const rewards = group.filter(({ trajectory }) => isLearnable(trajectory)).map(({ score }) => score.reward);
  return rewards.some((reward) => reward !== rewards[0]);
}

export interface DrawnGroups {
  /** Groups with spread [Q][G], at most as many as wanted; fewer if the rounds ran out. */
  readonly groups: readonly (readonly ScoredTrajectory[])[];
  readonly rounds: number;
  /** Groups without spread that were passed over. */
  readonly flatCount: number;
}

/**
 * Draws groups until enough of them have spread.
 *
 * @param draw  rolls out and scores so many new questions; called one round after another
 */
export async function drawGroupsWithSpread(
  draw: (groupCount: number, round: number) => Promise<readonly (readonly ScoredTrajectory[])[]>,
  { wanted, mostRounds }: { readonly wanted: number; readonly mostRounds: number },
): Promise<DrawnGroups> {
  const groups: (readonly ScoredTrajectory[])[] = [];
  let rounds = 0;
  let flatCount = 0;
  while (groups.length < wanted && rounds < mostRounds) {
    const drawn = await draw(wanted - groups.length, rounds++);
    const spread = drawn.filter(hasSpread);
    flatCount += drawn.length - spread.length;
    groups.push(...spread.slice(0, wanted - groups.length));
  }
  return { groups, rounds, flatCount };
}
