/**
 * The table: PPO, GRPO, REINFORCE and their relatives are rows, each an advantage function, a place for KL, a policy
 * loss and a way to average it. There is no trainer per algorithm; a further one is a function and a row.
 */
import {
  type AdvantageEstimator,
  perGroup,
  whitenedGae,
  whitenedRewardsToGo,
} from "../advantage/advantage-estimator.ts";
import type { Discounting } from "../advantage/gae.ts";
import { groupCentred, groupRelative } from "../advantage/group-relative.ts";
import { leaveOneOut } from "../advantage/leave-one-out.ts";
import { plainRewards } from "../advantage/reinforce.ts";
import type { KlEstimator } from "../advantage/token-rewards.ts";
import type { LossMean } from "./loss-weights.ts";
import type { PolicyLossSettings } from "./policy-loss.ts";

/** Where and how the distance from the reference is paid for. */
export interface KlSettings {
  readonly place: "reward" | "loss";
  readonly estimator: KlEstimator;
  /** In the loss: the estimator's value, but the gradient of KL itself; see kl.ts. */
  readonly hasKlGradient: boolean;
  /** β; 0 needs no reference. */
  readonly coefficient: number;
}

/** One row. Plain data and one function, so that a configuration can change any field of it. */
export interface Algorithm {
  readonly name: string;
  readonly estimate: AdvantageEstimator;
  readonly discounting: Discounting;
  readonly hasCritic: boolean;
  readonly kl: KlSettings;
  readonly policyLoss: PolicyLossSettings;
  readonly lossMean: LossMean;
  /** What the mean entropy is rewarded with. */
  readonly entropyCoefficient: number;
  /** How far values may move from the old ones in one update; Infinity does not clip. */
  readonly valueClip: number;
  /** Groups whose rewards are all alike teach nothing and are drawn again; see dynamic-sampling.ts. */
  readonly drawsFlatGroupsAgain: boolean;
}

/** Names of the rows. */
export type AlgorithmName =
  | "grpo"
  | "ppo"
  | "reinforce"
  | "rloo"
  | "reinforce++"
  | "dr-grpo"
  | "dapo"
  | "gspo"
  | "cispo";

/** The reference's GRPO: what the other rows change. */
const GRPO: Algorithm = {
  name: "grpo",
  estimate: perGroup(groupRelative),
  discounting: { discount: 1, lambda: 1 },
  hasCritic: false,
  kl: { place: "loss", estimator: "k3", hasKlGradient: false, coefficient: 0.001 },
  policyLoss: { kind: "clipped", clipBelow: 0.2, clipAbove: 0.2 },
  lossMean: { kind: "token" },
  entropyCoefficient: 0.001,
  valueClip: 0.5,
  drawsFlatGroupsAgain: false,
};

const KL_IN_REWARD: KlSettings = { place: "reward", estimator: "k1", hasKlGradient: false, coefficient: 0.001 };
const NO_KL: KlSettings = { ...GRPO.kl, coefficient: 0 };

export const ALGORITHMS: Readonly<Record<AlgorithmName, Algorithm>> = {
  grpo: GRPO,
  // Schulman et al. 2017 (arXiv 1707.06347), as the paper's script sets it
  ppo: { ...GRPO, name: "ppo", estimate: whitenedGae, hasCritic: true, kl: KL_IN_REWARD },
  // the paper's REINFORCE shares PPO's clipping
  reinforce: { ...GRPO, name: "reinforce", estimate: perGroup(plainRewards) },
  // arXiv 2402.14740
  rloo: { ...GRPO, name: "rloo", estimate: perGroup(leaveOneOut), kl: KL_IN_REWARD },
  // arXiv 2501.03262
  "reinforce++": { ...GRPO, name: "reinforce++", estimate: whitenedRewardsToGo, kl: KL_IN_REWARD },
  // arXiv 2503.20783: no deviation, no length; the constant is five turns and a closing one of 500 tokens
  "dr-grpo": {
    ...GRPO,
    name: "dr-grpo",
    estimate: perGroup(groupCentred),
    kl: NO_KL,
    lossMean: { kind: "constant", tokens: 3000 },
    entropyCoefficient: 0,
  },
  // arXiv 2503.14476
  dapo: {
    ...GRPO,
    name: "dapo",
    kl: NO_KL,
    policyLoss: { kind: "clipped", clipBelow: 0.2, clipAbove: 0.28 },
    entropyCoefficient: 0,
    drawsFlatGroupsAgain: true,
  },
  // arXiv 2507.18071: ratios of whole sequences are close to 1, so is their clipping
  gspo: {
    ...GRPO,
    name: "gspo",
    kl: NO_KL,
    policyLoss: { kind: "sequence-clipped", clipBelow: 3e-4, clipAbove: 4e-4 },
    lossMean: { kind: "sequence" },
    entropyCoefficient: 0,
  },
  // MiniMax-M1 (arXiv 2506.13585): ratios are bounded from above only
  cispo: {
    ...GRPO,
    name: "cispo",
    kl: NO_KL,
    policyLoss: { kind: "clipped-weight", clipBelow: 1, clipAbove: 4 },
    entropyCoefficient: 0,
  },
};
