/** What the critic minimises over a micro-batch: the clipped value loss, a mean over all tokens of the (mini-)batch. */
import type { Numerics } from "@zerosearch/lm";
import { type Tensor, tidy } from "@zerosearch/torch";
import type { Critic } from "./critic.ts";
import { packRollouts } from "./packed-rollouts.ts";
import { type Objective, tokenColumn, type WeighedTrajectory } from "./policy-objective.ts";
import { valueLoss } from "./value-loss.ts";

export interface CriticObjectiveOptions {
  readonly valueClip: number;
  readonly numerics: Numerics;
  readonly checkpointLayers: boolean;
}

/** @returns terms `vf_loss`, `vf_clipfrac`, `vpred_mean` */
export function criticObjective(
  critic: Critic,
  trajectories: readonly WeighedTrajectory[],
  { valueClip, numerics, checkpointLayers }: CriticObjectiveOptions,
): Objective {
  const { device } = critic.decoder.embeddings;
  return tidy(() => {
    const rollouts = packRollouts(
      trajectories.map(({ text }) => text),
      numerics,
      device,
    );
    const values = critic.values(rollouts, { checkpointLayers });
    const column = (name: "values" | "returns"): Tensor =>
      tokenColumn(trajectories, ({ learned }) => evaluated(learned[name], name), device);
    const { losses, isClipped } = valueLoss(values, column("values"), column("returns"), valueClip);
    const shares = tokenColumn(
      trajectories,
      ({ learned, tokenShare }) => learned.advantages.map(() => tokenShare),
      device,
    );
    const loss = losses.mul(shares).sum();
    return {
      loss,
      terms: {
        vf_loss: loss.detach(),
        vf_clipfrac: isClipped.mul(shares).sum(),
        vpred_mean: values.detach().mul(shares).sum(),
      },
    };
  });
}

function evaluated(numbers: Float64Array | undefined, name: string): Float64Array {
  if (numbers) return numbers;
  throw new RangeError(`the critic learns from ${name}, the batch has none. Use an algorithm that has a critic.`);
}
