/** What `zerosearch simulator collect` is told. Its names are those of a training run's configuration. */
import { z } from "zod";
import { linesPathSchema, pathListSchema } from "../core/path-list.ts";
import { type AgentConfig, agentConfigSchema } from "../models/agent-config.ts";
import { type RolloutEngineConfig, rolloutEngineConfigSchema } from "../models/rollout-engine-config.ts";
import type { RolloutLimits } from "../rollout/rollout-context.ts";
import { rolloutLimitsSchema } from "../rollout/rollout-limits-schema.ts";

export interface CollectConfig {
  /** The policy that asks. */
  readonly model: AgentConfig;
  readonly data: {
    readonly files: readonly string[];
    readonly skipInvalid: boolean;
    /** So many of the questions, drawn at random; all by default. */
    readonly maxQuestions?: number | undefined;
  };
  /** What is searched: the engine that the simulator is to stand in for. */
  readonly search: RolloutEngineConfig;
  /** The file of searches. If it exists it is gone on with. */
  readonly out: string;
  readonly seed: number;
  /** Rollouts per question: several ask more queries. */
  readonly groupSize: number;
  readonly sampling: { readonly temperature: number; readonly topP: number; readonly topK: number };
  readonly limits: RolloutLimits;
  readonly maxConcurrent: number;
  readonly maxFailureShare: number;
}

const count = z.int().min(1);

export const collectConfigSchema: z.ZodType<CollectConfig> = z.strictObject({
  model: agentConfigSchema,
  data: z.strictObject({
    files: pathListSchema,
    skipInvalid: z.boolean().default(false),
    maxQuestions: count.optional(),
  }),
  search: rolloutEngineConfigSchema,
  out: linesPathSchema,
  seed: z.int().min(0).default(0),
  groupSize: count.default(1),
  sampling: z
    .strictObject({
      temperature: z.number().min(0).default(1),
      topP: z.number().gt(0).max(1).default(1),
      topK: z.int().min(0).default(0),
    })
    .prefault({}),
  limits: rolloutLimitsSchema,
  maxConcurrent: count.default(4096),
  maxFailureShare: z.number().min(0).max(1).default(0.1),
});
