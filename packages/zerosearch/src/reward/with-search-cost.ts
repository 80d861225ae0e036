/** A reward that charges for searching: searching again only when it helps has to pay. */
import { searchesOf } from "../rollout/policy-tokens.ts";
import type { Reward } from "./reward.ts";

/** @param cost  taken from the reward for each search made; 0 changes nothing */
export function withSearchCost(reward: Reward, cost: number): Reward {
  if (cost === 0) return reward;
  return async (trajectory) => {
    const score = await reward(trajectory);
    return { ...score, reward: score.reward - cost * searchesOf(trajectory).length };
  };
}
