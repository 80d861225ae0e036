/** What rollouts search, as a configuration says it: a real engine, or a chat model that simulates one. */
import { z } from "zod";
import { type SearchEngineConfig, searchEngineConfigSchema } from "../search/search-engine-config.ts";
import { type ChatModelConfig, chatModelConfigSchema } from "./chat-model-config.ts";

/** Texts with {query}, {question}, {answer}, {answers} and {count}: see simulator-prompts.ts. */
interface PromptTemplatesConfig {
  readonly useful: string;
  readonly noisy: string;
  readonly withheld?: string | undefined;
}

/** See simulator-options.ts for what each does. */
export interface SimulatorConfig {
  readonly engine: "simulator";
  readonly model: ChatModelConfig;
  /** `tuned` and `instruct` are the reference's `simulate_sft` and `simulate_prompt`. */
  readonly prompt: "tuned" | "instruct" | PromptTemplatesConfig;
  /** Which golden answers `tuned` and `instruct` tell. */
  readonly answers: "all" | "first";
  readonly temperature: number;
  /** Of one page. */
  readonly maxTokens: number;
  /** By name: `entity-overlap`, `none` (the reference's), or one that the program brings. */
  readonly gate: string;
  readonly consistentPages: boolean;
  readonly maxDraws: number;
  readonly sharedNoise: "call" | "group";
}

export type RolloutEngineConfig = SimulatorConfig | SearchEngineConfig;

export const simulatorPromptSchema: z.ZodType<SimulatorConfig["prompt"]> = z.union([
  z.enum(["tuned", "instruct"]),
  z.strictObject({ useful: z.string(), noisy: z.string(), withheld: z.string().optional() }),
]);

export const simulatorConfigSchema: z.ZodType<SimulatorConfig> = z.strictObject({
  engine: z.literal("simulator"),
  model: chatModelConfigSchema,
  prompt: simulatorPromptSchema,
  answers: z.enum(["all", "first"]).default("all"),
  temperature: z.number().min(0).default(0.8),
  maxTokens: z.int().min(1).default(600),
  gate: z.string().min(1).default("entity-overlap"),
  consistentPages: z.boolean().default(true),
  maxDraws: z.int().min(1).default(1),
  sharedNoise: z.enum(["call", "group"]).default("call"),
});

/** By `engine`, so that a message speaks of the engine that was meant. */
export const rolloutEngineConfigSchema: z.ZodType<RolloutEngineConfig> = z.lazy(() =>
  z.unknown().transform((value, context): RolloutEngineConfig => {
    const isSimulator = (value as { engine?: unknown } | null)?.engine === "simulator";
    const parsed = (isSimulator ? simulatorConfigSchema : searchEngineConfigSchema).safeParse(value);
    if (parsed.success) return parsed.data;
    for (const { message, path, code } of parsed.error.issues) {
      context.addIssue({ code: "custom", message, path: [...path], params: { code } });
    }
    return z.NEVER;
  }),
);
