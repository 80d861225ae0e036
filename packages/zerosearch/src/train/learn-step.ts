/** A step's learning: what the models say of the tokens, what is to be learned from them, and the update. */
import type { ScoredTrajectory } from "../reward/reward.ts";
import { unmasked } from "../rollout/unmasked.ts";
import type { Algorithm } from "../update/algorithms.ts";
import { estimateAdvantages, type LearnedTrajectory } from "../update/estimate-advantages.ts";
import { evaluateTokens, type SamplerDifference } from "../update/evaluate-tokens.ts";
import type { NonFiniteGuard } from "../update/non-finite-guard.ts";
import type { TokenBudget } from "../update/token-budget.ts";
import { type UpdateResult, updateModels } from "../update/update-models.ts";
import type { PhaseTimer } from "./phase-timer.ts";
import type { TrainConfig } from "./train-config.ts";
import type { TrainingModels } from "./training-models.ts";

export interface LearnStepOptions {
  readonly config: TrainConfig;
  readonly algorithm: Algorithm;
  readonly step: number;
  readonly klCoefficient: number;
  readonly budget: TokenBudget;
  readonly guard: NonFiniteGuard;
  readonly timer: PhaseTimer;
}

export interface LearnedStep extends UpdateResult {
  readonly batch: readonly LearnedTrajectory[];
  readonly samplerDifference: SamplerDifference | undefined;
}

/** @throws {RunError} memory ran out */
export async function learnStep(
  models: TrainingModels,
  scored: readonly ScoredTrajectory[],
  { config, algorithm, step, klCoefficient, budget, guard, timer }: LearnStepOptions,
): Promise<LearnedStep> {
  const { reference, critic, agent } = models;
  const { learnsDocuments, oldLogProbs, epochs, miniBatches, maxGradientNorm, checkpointLayers } = config.update;
  const { importance } = config.objective;
  const { numerics } = config.model;
  const { temperature } = config.sampling;
  const usual = numerics === "exact" ? "recorded" : "recomputed";
  const texts = learnsDocuments ? scored.map((each) => ({ ...each, trajectory: unmasked(each.trajectory) })) : scored;
  const { trajectories, samplerDifference } = await timer.measure("log_probs", () =>
    evaluateTokens({ policy: agent.decoder, ...(reference && { reference }), ...(critic && { critic }) }, texts, {
      ...{ temperature, numerics, budget },
      oldLogProbs: learnsDocuments ? "recomputed" : (oldLogProbs ?? usual),
    }),
  );
  const batch = await timer.measure("adv", () => estimateAdvantages(algorithm, trajectories, klCoefficient));
  const update = await timer.measure("update_actor", () =>
    updateModels(models.learning(step), batch, {
      ...{ algorithm, klCoefficient, temperature, numerics, budget, guard },
      ...{ epochs, miniBatches, maxGradientNorm, checkpointLayers },
      shuffleKey: [config.seed, step],
      ...(importance && { importance }),
    }),
  );
  agent.policy.version = step;
  // Nobody sampled the documents' tokens, so there is nothing to compare.
  return { ...update, batch, samplerDifference: learnsDocuments ? undefined : samplerDifference };
}
