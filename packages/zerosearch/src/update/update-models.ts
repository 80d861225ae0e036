/**
 * The update: a batch of trajectories with advantages becomes steps of the optimizers. Mini-batches are even parts of the
 * batch, each with a loss that is one mean over its own tokens or trajectories; micro-batches only divide the work.
 */
import type { Decoder, Numerics } from "@zerosearch/lm";
import { keyedShuffle, type RandomKey } from "../core/keyed-random.ts";
import { policyLogProbs } from "../rollout/policy-tokens.ts";
import type { Algorithm } from "./algorithms.ts";
import { batchStatistics } from "./batch-statistics.ts";
import type { Critic } from "./critic.ts";
import { criticObjective } from "./critic-objective.ts";
import type { LearnedTrajectory } from "./estimate-advantages.ts";
import { type GradientStep, gradientStep } from "./gradient-step.ts";
import { type ImportanceCorrection, importanceWeights } from "./importance-correction.ts";
import { lossWeights } from "./loss-weights.ts";
import { evenParts } from "./micro-batches.ts";
import type { NonFiniteGuard, SkippedStep } from "./non-finite-guard.ts";
import type { AdamW } from "./optimizer.ts";
import { policyText } from "./packed-rollouts.ts";
import { type Objective, policyObjective, type WeighedTrajectory } from "./policy-objective.ts";
import type { TokenBudget } from "./token-budget.ts";

/** Models that learn, each with its optimizer. */
export interface LearningModels {
  /** Missing while only the critic learns. */
  readonly policy?: { readonly decoder: Decoder; readonly optimizer: AdamW; readonly learningRate: number };
  readonly critic?: { readonly critic: Critic; readonly optimizer: AdamW; readonly learningRate: number };
}

export interface UpdateOptions {
  readonly algorithm: Algorithm;
  /** β of KL in the loss. Default the algorithm's. */
  readonly klCoefficient?: number;
  /** The one that was sampled with. */
  readonly temperature: number;
  /** How often the batch is learned from. Default 1. */
  readonly epochs?: number;
  /** Optimizer steps per epoch; trajectories are shuffled among them if there are several. Default 1. */
  readonly miniBatches?: number;
  /** What the shuffling depends on, such as seed and step. */
  readonly shuffleKey: RandomKey;
  /** Infinity does not clip. */
  readonly maxGradientNorm: number;
  readonly numerics: Numerics["mode"];
  readonly checkpointLayers: boolean;
  readonly budget: TokenBudget;
  readonly guard: NonFiniteGuard;
  /** For rollouts that the policy did not draw as it computes; see importance-correction.ts. */
  readonly importance?: ImportanceCorrection;
}

/** Numbers by name; see {@link updateModels}. */
export type UpdateMetrics = Readonly<Record<string, number>>;

export interface UpdateResult {
  readonly metrics: UpdateMetrics;
  /** What was not applied because it came to no number. */
  readonly skipped: readonly SkippedStep[];
}

/**
 * Learns from a batch. An empty batch changes nothing.
 *
 * @returns metrics: `actor/{pg_loss,kl_loss,entropy_loss,pg_clipfrac,pg_clipfrac_lower,ppo_kl,kl_coef,grad_norm,lr}`,
 *   `critic/{vf_loss,vf_clipfrac,vpred_mean,grad_norm,lr}` (means over the steps, of each model that learned), those of
 *   batch-statistics.ts, `importance/{mean,max,min}`, and
 *   `update/{trajectories,policy_tokens,steps,skipped_steps,micro_batches,token_budget,memory_halvings}`
 * @throws {RunError} one trajectory does not fit the memory
 */
export function updateModels(
  models: LearningModels,
  batch: readonly LearnedTrajectory[],
  options: UpdateOptions,
): UpdateResult {
  const { epochs = 1, miniBatches = 1, shuffleKey, importance } = options;
  const prepared = batch.map((learned): PreparedTrajectory => {
    const drawn = policyLogProbs(learned.trajectory);
    return {
      learned,
      text: policyText(learned.trajectory),
      ...(importance && { importance: importanceWeights(importance, learned.oldLogProbs, drawn) }),
    };
  });
  const halvingsBefore = options.budget.halvings;
  const record = new StepRecord(options.guard);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = miniBatches > 1 ? keyedShuffle(prepared, [...shuffleKey, "mini-batches", epoch]) : prepared;
    for (const part of evenParts(order, miniBatches))
      takeSteps(models, weighed(part, options.algorithm), options, record);
  }
  return {
    metrics: {
      ...batchStatistics(batch),
      ...record.metrics(),
      ...(models.policy && {
        "actor/lr": models.policy.learningRate,
        "actor/kl_coef": options.klCoefficient ?? options.algorithm.kl.coefficient,
      }),
      ...(models.critic && { "critic/lr": models.critic.learningRate }),
      ...importanceMetrics(prepared),
      "update/trajectories": batch.length,
      "update/policy_tokens": prepared.reduce((sum, { text }) => sum + text.targets.length, 0),
      "update/token_budget": options.budget.tokens,
      "update/memory_halvings": options.budget.halvings - halvingsBefore,
    },
    skipped: record.skipped,
  };
}

type PreparedTrajectory = Omit<WeighedTrajectory, "weight" | "tokenShare">;

/** Weights of a mini-batch are fixed here, before anything is divided. */
function weighed(part: readonly PreparedTrajectory[], { lossMean }: Algorithm): WeighedTrajectory[] {
  const lengths = part.map(({ text }) => text.targets.length);
  const [weights, shares] = [lossWeights(lossMean, lengths), lossWeights({ kind: "token" }, lengths)];
  return part.map((each, i) => ({ ...each, weight: weights[i] ?? 0, tokenShare: shares[i] ?? 0 }));
}

/** The critic's step and the policy's over one mini-batch. */
function takeSteps(
  { policy, critic }: LearningModels,
  part: readonly WeighedTrajectory[],
  options: UpdateOptions,
  record: StepRecord,
): void {
  const { algorithm, temperature, checkpointLayers, budget, maxGradientNorm } = options;
  const lengths = part.map(({ text }) => text.tokens.length);
  const chosen = (indices: readonly number[]): WeighedTrajectory[] => indices.flatMap((index) => part[index] ?? []);
  const step = (
    optimizer: AdamW,
    learningRate: number,
    objective: (of: WeighedTrajectory[]) => Objective,
  ): GradientStep =>
    gradientStep(optimizer, (indices) => objective(chosen(indices)), {
      lengths,
      budget,
      learningRate,
      maxGradientNorm,
    });
  const rollouts = part.map(({ learned }) => learned.trajectory.key);
  if (critic) {
    const numerics = critic.critic.decoder.numerics(options.numerics);
    const { valueClip } = algorithm;
    const taken = step(critic.optimizer, critic.learningRate, (of) =>
      criticObjective(critic.critic, of, { valueClip, numerics, checkpointLayers }),
    );
    record.add("critic", taken, { rollouts });
  }
  if (policy) {
    const numerics = policy.decoder.numerics(options.numerics);
    const klCoefficient = options.klCoefficient ?? algorithm.kl.coefficient;
    const taken = step(policy.optimizer, policy.learningRate, (of) =>
      policyObjective(policy.decoder, of, { algorithm, klCoefficient, temperature, numerics, checkpointLayers }),
    );
    record.add("policy", taken, { rollouts });
  }
}

/** Adds up what the steps of an update report. */
class StepRecord {
  readonly skipped: SkippedStep[] = [];
  readonly #guard: NonFiniteGuard;
  readonly #sums = new Map<string, { sum: number; count: number }>();
  #steps = 0;
  #microBatches = 0;

  constructor(guard: NonFiniteGuard) {
    this.#guard = guard;
  }

  add(model: SkippedStep["model"], step: GradientStep, batch: SkippedStep["batch"]): void {
    this.#steps++;
    this.#microBatches += step.microBatches;
    if (!step.isTaken) {
      const skipped = { model, loss: step.loss, gradientNorm: step.gradientNorm, batch };
      this.skipped.push(skipped);
      this.#guard.stepSkipped(skipped);
      return;
    }
    this.#guard.stepTaken(model);
    const prefix = model === "policy" ? "actor" : "critic";
    for (const [name, value] of Object.entries({ ...step.terms, grad_norm: step.gradientNorm })) {
      const sum = this.#sums.get(`${prefix}/${name}`) ?? { sum: 0, count: 0 };
      this.#sums.set(`${prefix}/${name}`, { sum: sum.sum + value, count: sum.count + 1 });
    }
  }

  /** Means over the steps that were taken. */
  metrics(): Record<string, number> {
    const means = [...this.#sums].map(([name, { sum, count }]) => [name, sum / count]);
    return {
      ...Object.fromEntries(means),
      "update/steps": this.#steps,
      "update/skipped_steps": this.skipped.length,
      "update/micro_batches": this.#microBatches,
    };
  }
}

function importanceMetrics(prepared: readonly PreparedTrajectory[]): Record<string, number> {
  const weights = prepared.flatMap(({ importance }) => Array.from(importance ?? []));
  if (weights.length === 0) return {};
  return {
    "importance/mean": weights.reduce((sum, weight) => sum + weight, 0) / weights.length,
    "importance/max": weights.reduce((most, weight) => Math.max(most, weight)),
    "importance/min": weights.reduce((least, weight) => Math.min(least, weight)),
  };
}
