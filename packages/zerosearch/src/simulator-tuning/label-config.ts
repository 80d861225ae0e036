/** What `zerosearch simulator label` is told. */
import { z } from "zod";
import { linesPathSchema, pathListSchema } from "../core/path-list.ts";
import { type ChatModelConfig, chatModelConfigSchema } from "../models/chat-model-config.ts";
import type { ModelJudgeOptions } from "./model-judge.ts";

interface ModelJudgeConfig extends ModelJudgeOptions {
  readonly kind: "model";
  readonly model: ChatModelConfig;
}

export type JudgeConfig = { readonly kind: "containment" } | ModelJudgeConfig;

export interface LabelConfig {
  /** Files that `collect` wrote. */
  readonly searches: readonly string[];
  /** The file of labelled searches. If it exists it is gone on with. */
  readonly out: string;
  readonly judge: JudgeConfig;
  /** Pages judged at once, at most. */
  readonly maxConcurrent: number;
  /** Of the pages judged, once there are twenty: when more than this share got no verdict, it ends. */
  readonly maxFailureShare: number;
}

const judge: z.ZodType<JudgeConfig> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("containment") }),
  z.strictObject({
    kind: z.literal("model"),
    model: chatModelConfigSchema,
    criterion: z.enum(["query", "question"]).default("query"),
    maxTokens: z.int().min(1).default(512),
  }),
]);

export const labelConfigSchema: z.ZodType<LabelConfig> = z.strictObject({
  searches: pathListSchema,
  out: linesPathSchema,
  judge,
  maxConcurrent: z.int().min(1).default(32),
  maxFailureShare: z.number().min(0).max(1).default(0.1),
});
