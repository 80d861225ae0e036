/**
 * What the policy minimises over a micro-batch: policy loss + β·KL − c·entropy, every token with the weight it has in
 * the whole (mini-)batch, so that micro-batches add up.
 */
import { type Decoder, type Numerics, tokenLogProbsAndEntropies } from "@zerosearch/lm";
import { fromTypedArray, type Tensor, tidy } from "@zerosearch/torch";
import type { Algorithm } from "./algorithms.ts";
import type { LearnedTrajectory } from "./estimate-advantages.ts";
import { klLoss } from "./kl.ts";
import { choosingStates, type PolicyText, packRollouts } from "./packed-rollouts.ts";
import { policyLoss } from "./policy-loss.ts";

/** A trajectory with all that its loss needs. */
export interface WeighedTrajectory {
  readonly text: PolicyText;
  readonly learned: LearnedTrajectory;
  /** Of each of its tokens in the loss; see loss-weights.ts. */
  readonly weight: number;
  /** Of each of its tokens in a mean over all tokens of the (mini-)batch: entropy, and what is reported. */
  readonly tokenShare: number;
  /** Factors from importance-correction.ts. */
  readonly importance?: Float64Array;
}

export interface PolicyObjectiveOptions {
  readonly algorithm: Algorithm;
  /** β of KL in the loss; not used where KL is in the reward. */
  readonly klCoefficient: number;
  readonly temperature: number;
  readonly numerics: Numerics;
  readonly checkpointLayers: boolean;
}

/** A loss to differentiate, and single numbers without gradient that add up over micro-batches. */
export interface Objective {
  readonly loss: Tensor;
  readonly terms: Readonly<Record<string, Tensor>>;
}

/** @returns terms `pg_loss`, `kl_loss`, `entropy_loss`, `pg_clipfrac`, `pg_clipfrac_lower`, `ppo_kl` */
export function policyObjective(
  decoder: Decoder,
  trajectories: readonly WeighedTrajectory[],
  options: PolicyObjectiveOptions,
): Objective {
  const { algorithm, klCoefficient, temperature, numerics, checkpointLayers } = options;
  const { device } = decoder.embeddings;
  return tidy(() => {
    const rollouts = packRollouts(
      trajectories.map(({ text }) => text),
      numerics,
      device,
    );
    const states = choosingStates(decoder, rollouts, { checkpointLayers });
    const { logProbs, entropies } = tokenLogProbsAndEntropies(states, decoder.outputWeights, rollouts.targets, {
      numerics,
      temperature,
    });
    const column = (of: (trajectory: WeighedTrajectory) => Float64Array): Tensor =>
      tokenColumn(trajectories, of, device);
    const surrogate = policyLoss(algorithm.policyLoss, {
      logProbs,
      oldLogProbs: column(({ learned }) => learned.oldLogProbs),
      advantages: column(({ learned }) => learned.advantages),
      owners: rollouts.owners,
      ownerCount: rollouts.count,
    });
    const weights = column(({ weight, learned }) => learned.advantages.map(() => weight));
    const shares = column(({ tokenShare, learned }) => learned.advantages.map(() => tokenShare));
    const corrected = weights.mul(column(({ importance, learned }) => importance ?? learned.advantages.map(() => 1)));
    const policyTerm = surrogate.losses.mul(corrected).sum();
    const entropy = entropies.mul(shares).sum();
    const isKlInLoss = algorithm.kl.place === "loss" && klCoefficient !== 0;
    const klTerm = isKlInLoss
      ? klLoss(
          algorithm.kl,
          logProbs,
          column(({ learned }) => referenceOf(learned)),
        )
          .mul(weights)
          .sum()
      : undefined;
    const withKl = klTerm ? policyTerm.add(klTerm.mul(klCoefficient)) : policyTerm;
    const loss = algorithm.entropyCoefficient === 0 ? withKl : withKl.sub(entropy.mul(algorithm.entropyCoefficient));
    return {
      loss,
      terms: {
        pg_loss: policyTerm.detach(),
        ...(klTerm && { kl_loss: klTerm.detach() }),
        entropy_loss: entropy.detach(),
        pg_clipfrac: surrogate.isClipped.mul(shares).sum(),
        pg_clipfrac_lower: surrogate.isDualClipped.mul(shares).sum(),
        ppo_kl: surrogate.logRatios.mul(shares).sum().neg(),
      },
    };
  });
}

/** One number per policy token, trajectory after trajectory: float32 (M). */
export function tokenColumn(
  trajectories: readonly WeighedTrajectory[],
  of: (trajectory: WeighedTrajectory) => Float64Array,
  device: Tensor["device"],
): Tensor {
  const values = Float32Array.from(trajectories.flatMap((trajectory) => Array.from(of(trajectory))));
  return fromTypedArray(values, [values.length], { device });
}

function referenceOf({ referenceLogProbs, trajectory }: LearnedTrajectory): Float64Array {
  if (referenceLogProbs) return referenceLogProbs;
  throw new RangeError(
    `KL in the loss needs the reference's log-probabilities, rollout ${trajectory.key.sample} of question ` +
      `${trajectory.key.questionId} has none. Evaluate with a reference, or set the coefficient to 0.`,
  );
}
