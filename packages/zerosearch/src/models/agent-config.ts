/** Which policy model answers, and how it is asked, as a configuration says it. */
import { z } from "zod";
import { promptTemplateSchema } from "./saved-prompt.ts";

export interface AgentConfig {
  /** A model folder in Hugging Face's format. */
  readonly path: string;
  /** Of the weights in memory; the files' own by default. Training keeps float32 master weights beside 16 bits. */
  readonly dtype?: "float32" | "float64" | "bfloat16" | "float16" | undefined;
  readonly device: "cpu" | "cuda";
  /** `exact`: log-probabilities that are sampled equal, to the bit, those that are trained on. */
  readonly numerics: "exact" | "fast";
  /** What the policy reads before a question, with `{question}` once. By default what it was trained with, or the paper's. */
  readonly prompt?: string | undefined;
  /** `auto` asks as a turn of a chat where the tokenizer has a chat template, `never` as raw text. */
  readonly chat: "auto" | "never";
  /** Further variables of the chat template, such as `enable_thinking`. */
  readonly chatVariables?: Readonly<Record<string, unknown>> | undefined;
  /** The day that chat templates may write, such as `2026-01-31`. */
  readonly date?: string | undefined;
  /** Texts in one batch of the engine. */
  readonly maxSequences: number;
  /** Keys and values that the engine holds at most, in tokens of all texts together. */
  readonly maxCacheTokens: number;
  /** Keep a second copy of float32 weights on the CPU, laid out for decoding; without it, slower, they are there once. */
  readonly packWeights: boolean;
}

export const agentConfigSchema: z.ZodType<AgentConfig> = z.strictObject({
  path: z.string().min(1),
  dtype: z.enum(["float32", "float64", "bfloat16", "float16"]).optional(),
  device: z.enum(["cpu", "cuda"]).default("cpu"),
  numerics: z.enum(["exact", "fast"]).default("exact"),
  prompt: promptTemplateSchema.optional(),
  chat: z.enum(["auto", "never"]).default("auto"),
  chatVariables: z.record(z.string(), z.unknown()).optional(),
  date: z.iso.date().optional(),
  maxSequences: z.int().min(1).default(256),
  maxCacheTokens: z
    .int()
    .min(1)
    .default(2 ** 18),
  packWeights: z.boolean().default(true),
});
