/** The rewards by the names that configurations use. */
import { ConfigError } from "../core/errors.ts";
import { coverExactMatchReward, exactMatchReward, f1Reward } from "./answer-rewards.ts";
import { formatReward } from "./format-reward.ts";
import type { Reward } from "./reward.ts";

export type RewardName = "f1" | "exact-match" | "cover-exact-match" | "format";

export const REWARDS: Readonly<Record<RewardName, Reward>> = {
  f1: f1Reward,
  "exact-match": exactMatchReward,
  "cover-exact-match": coverExactMatchReward,
  format: formatReward(),
};

/** @throws {ConfigError} there is none of that name (the reference then trained on zeros: defect D34) */
export function rewardNamed(name: string): Reward {
  const isName = (text: string): text is RewardName => Object.hasOwn(REWARDS, text);
  if (isName(name)) return REWARDS[name];
  throw new ConfigError(
    `there is no reward ${JSON.stringify(name)}; expected one of ${Object.keys(REWARDS).join(", ")}`,
  );
}
