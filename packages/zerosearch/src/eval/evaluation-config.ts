/** Everything an evaluation is told, as one schema: a JSON file, changed by dotted overrides. */
import { z } from "zod";
import { BENCHMARKS } from "../data/benchmarks.ts";
import { type AgentConfig, agentConfigSchema } from "../models/agent-config.ts";
import { type RolloutEngineConfig, rolloutEngineConfigSchema } from "../models/rollout-engine-config.ts";
import type { RolloutLimits } from "../rollout/rollout-context.ts";
import { rolloutLimitsSchema } from "../rollout/rollout-limits-schema.ts";
import { type Baseline, DOCUMENTS_PLACE } from "./baseline-prompts.ts";

export interface EvaluationConfig {
  readonly model: AgentConfig;
  readonly baseline: Baseline;
  /** What a baseline reads instead of baseline-prompts.ts, with `{question}` and, for `rag`, `{documents}`. */
  readonly baselinePrompt?: string | undefined;
  /** Not needed where nothing is searched: `direct` and `chain-of-thought`. */
  readonly search?: RolloutEngineConfig | undefined;
  readonly data: {
    readonly files: readonly string[];
    /** By the names of data/benchmarks.ts; downloaded unless they are here. */
    readonly benchmarks: readonly string[];
    /** Where downloads are kept. Default: the user's folder for caches. */
    readonly cacheFolder?: string | undefined;
  };
  /** Of each source, drawn by the seed; all by default. The paper scores 500. */
  readonly maxQuestions?: number | undefined;
  readonly limits: RolloutLimits;
  /** Of a simulated engine: the share of its results that are noisy. */
  readonly noise: number;
  /** 0 takes the likeliest tokens. */
  readonly temperature: number;
  /** The root of every random draw. */
  readonly seed: number;
  /** Questions under way at once. */
  readonly maxConcurrent: number;
  /** Of all questions: when more than this share failed, the evaluation stops. */
  readonly maxFailureShare: number;
  /** Default: search-price.ts. */
  readonly dollarsPer1000Searches?: number | undefined;
}

/** On a command line a list of one is no list. */
const names = (name: z.ZodType<string>): z.ZodType<readonly string[], unknown> =>
  z.union([z.array(name), name.transform((only) => [only])]).default([]);

const share = z.number().min(0).max(1);
const benchmark = z.enum(BENCHMARKS.map(({ name }) => name) as [string, ...string[]]);

export const evaluationConfigSchema: z.ZodType<EvaluationConfig> = z
  .strictObject({
    model: agentConfigSchema,
    baseline: z.enum(["search-agent", "direct", "chain-of-thought", "rag"]).default("search-agent"),
    baselinePrompt: z.string().includes("{question}").optional(),
    search: rolloutEngineConfigSchema.optional(),
    data: z
      .strictObject({
        files: names(z.string().min(1)),
        benchmarks: names(benchmark),
        cacheFolder: z.string().min(1).optional(),
      })
      .prefault({ files: [], benchmarks: [] }),
    maxQuestions: z.int().min(1).optional(),
    limits: rolloutLimitsSchema,
    noise: share.default(0),
    temperature: z.number().min(0).default(0),
    seed: z.int().min(0).default(0),
    maxConcurrent: z.int().min(1).default(256),
    maxFailureShare: share.default(0.1),
    dollarsPer1000Searches: z.number().min(0).optional(),
  })
  .check(({ value, issues }) => {
    const complain = (path: string[], message: string) => issues.push({ code: "custom", input: value, path, message });
    const { baseline, baselinePrompt, search, data } = value;
    if (data.files.length + data.benchmarks.length === 0) {
      complain(["data"], "name question files (data.files) or benchmarks (data.benchmarks)");
    }
    if (!search && (baseline === "search-agent" || baseline === "rag")) {
      complain(["search"], `${baseline} searches: say where, such as { "engine": "local", "index": "wiki.index" }`);
    }
    if (baselinePrompt !== undefined && baseline === "search-agent") {
      complain(["baselinePrompt"], "a search agent reads model.prompt");
    }
    if (baselinePrompt !== undefined && baselinePrompt.includes(DOCUMENTS_PLACE) !== (baseline === "rag")) {
      complain(["baselinePrompt"], `rag needs ${DOCUMENTS_PLACE} in its prompt, and no other baseline has documents`);
    }
  });
