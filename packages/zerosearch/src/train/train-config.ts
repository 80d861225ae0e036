/**
 * Everything a training run is told, as one schema: a JSON file, changed by dotted overrides. The defaults are the
 * paper's where it has a value (method §12 and the published scripts), and what differs stands in docs/deviations.md.
 */
import { z } from "zod";
import { pathListSchema } from "../core/path-list.ts";
import { type AgentConfig, agentConfigSchema } from "../models/agent-config.ts";
import { type RolloutEngineConfig, rolloutEngineConfigSchema } from "../models/rollout-engine-config.ts";
import { REWARDS } from "../reward/rewards.ts";
import type { RolloutLimits } from "../rollout/rollout-context.ts";
import { rolloutLimitsSchema } from "../rollout/rollout-limits-schema.ts";
import type { NoiseSchedule } from "../search/simulator/curriculum.ts";
import { ALGORITHMS, type AlgorithmName } from "../update/algorithms.ts";
import { type OptimizerConfig, optimizerShape } from "../update/optimizer-config.ts";
import { type ObjectiveConfig, objectiveConfigSchema } from "./objective-config.ts";

/** An evaluation that training makes of itself, on questions that it does not learn from. */
export interface TrainEvaluationConfig {
  /** Such as `real`. */
  readonly name: string;
  readonly files: readonly string[];
  readonly search: RolloutEngineConfig;
  /** The first of these questions, of each source as many; all by default. */
  readonly maxQuestions?: number | undefined;
  /** 0 takes the likeliest tokens. Each is an evaluation of its own. */
  readonly temperatures: readonly number[];
  /** Noise of a simulated engine. */
  readonly noise: number;
  /** Steps between two of them; 0 evaluates only before the first step and after the last. */
  readonly every: number;
  /** Whether one is made before the first step. */
  readonly atStart: boolean;
  /** Questions whose trajectories are kept, for people to read. */
  readonly keptTrajectories: number;
  /** Whether this score, where it falls or stays behind while training goes well, tells that the simulator is exploited. */
  readonly isWatched: boolean;
}

export interface TrainConfig {
  /** The root of every random draw. */
  readonly seed: number;
  readonly algorithm: AlgorithmName;
  /** What is changed of the algorithm's row. */
  readonly objective: ObjectiveConfig;
  readonly model: AgentConfig;
  readonly data: { readonly files: readonly string[]; readonly skipInvalid: boolean };
  readonly search: RolloutEngineConfig;
  readonly noise: NoiseSchedule;
  readonly reward: string;
  /** Taken from the reward for each search made. */
  readonly searchCost: number;
  readonly steps: number;
  readonly questionsPerStep: number;
  /** G: rollouts per question. */
  readonly groupSize: number;
  readonly sampling: { readonly temperature: number; readonly topP: number; readonly topK: number };
  readonly limits: RolloutLimits;
  readonly maxConcurrent: number;
  readonly maxFailureShare: number;
  readonly actor: OptimizerConfig;
  readonly critic: OptimizerConfig & {
    /** Steps at the beginning in which only the critic learns. */
    readonly onlySteps: number;
  };
  readonly update: {
    readonly epochs: number;
    /** Optimizer steps per epoch. */
    readonly miniBatches: number;
    readonly tokensPerMicroBatch: number;
    readonly maxGradientNorm: number;
    readonly checkpointLayers: boolean;
    /** Default `recorded` in exact numerics, where the sampler's are the trainer's, else `recomputed`. */
    readonly oldLogProbs?: "recorded" | "recomputed" | undefined;
    /** For the paper's ablation of the loss mask: what was read is learned like what was written. */
    readonly learnsDocuments: boolean;
    /** Updates in a row that may come to no number. */
    readonly mostSkippedInARow: number;
  };
  readonly evaluations: readonly TrainEvaluationConfig[];
  readonly save: { readonly every: number; readonly keepLast: number };
  readonly trackers: {
    readonly tensorboard: boolean;
    /** Needs WANDB_API_KEY. */
    readonly wandb?: { readonly project: string; readonly entity?: string | undefined } | undefined;
    readonly mlflow?: { readonly url: string; readonly experiment: string } | undefined;
  };
  /** What simulated searches would have cost. */
  readonly dollarsPer1000Searches: number;
}

const share = z.number().min(0).max(1);

/** Gives every part that is left out its defaults. */
const part = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).prefault({} as never);

const noise: z.ZodType<NoiseSchedule> = z
  .discriminatedUnion("kind", [
    z.strictObject({
      kind: z.literal("exponential"),
      start: share,
      end: share,
      base: z.number().positive().default(4),
    }),
    z.strictObject({ kind: z.literal("linear"), start: share, end: share }),
    z.strictObject({ kind: z.literal("constant"), noise: share }),
    z.strictObject({ kind: z.literal("success-rate"), start: share, end: share, from: share, to: share }),
  ])
  .prefault({ kind: "exponential", start: 0, end: 0.5 });

const count = z.int().min(1);

const evaluation: z.ZodType<TrainEvaluationConfig> = z.strictObject({
  name: z.string().regex(/^[\w-]+$/),
  files: pathListSchema,
  search: rolloutEngineConfigSchema,
  maxQuestions: count.optional(),
  temperatures: z.array(z.number().min(0)).min(1).default([0]),
  noise: share.default(0),
  every: z.int().min(0).default(0),
  atStart: z.boolean().default(true),
  keptTrajectories: z.int().min(0).default(0),
  isWatched: z.boolean().default(false),
});

export const trainConfigSchema: z.ZodType<TrainConfig> = z.strictObject({
  seed: z.int().min(0).default(42),
  algorithm: z.enum(Object.keys(ALGORITHMS) as [AlgorithmName, ...AlgorithmName[]]).default("grpo"),
  objective: objectiveConfigSchema,
  model: agentConfigSchema,
  data: z.strictObject({ files: pathListSchema, skipInvalid: z.boolean().default(false) }),
  search: rolloutEngineConfigSchema,
  noise,
  reward: z.enum(Object.keys(REWARDS) as [string, ...string[]]).default("f1"),
  searchCost: z.number().min(0).default(0),
  steps: count.default(200),
  questionsPerStep: count.default(64),
  groupSize: count.default(5),
  sampling: part({
    temperature: z.number().positive().default(1),
    topP: z.number().gt(0).max(1).default(1),
    topK: z.int().min(0).default(0),
  }),
  limits: rolloutLimitsSchema,
  maxConcurrent: count.default(4096),
  maxFailureShare: share.default(0.1),
  actor: part(optimizerShape(1e-6)),
  critic: part({ ...optimizerShape(1e-5), onlySteps: z.int().min(0).default(0) }),
  update: part({
    epochs: count.default(1),
    miniBatches: count.default(1),
    tokensPerMicroBatch: count.default(16_384),
    maxGradientNorm: z.number().positive().default(1),
    checkpointLayers: z.boolean().default(false),
    oldLogProbs: z.enum(["recorded", "recomputed"]).optional(),
    learnsDocuments: z.boolean().default(false),
    mostSkippedInARow: z.int().min(0).default(5),
  }),
  evaluations: z.array(evaluation).default([]),
  save: part({ every: count.default(50), keepLast: count.default(2) }),
  trackers: part({
    tensorboard: z.boolean().default(false),
    wandb: z.strictObject({ project: z.string().min(1), entity: z.string().optional() }).optional(),
    mlflow: z.strictObject({ url: z.url(), experiment: z.string().min(1) }).optional(),
  }),
  dollarsPer1000Searches: z.number().min(0).default(15),
});
