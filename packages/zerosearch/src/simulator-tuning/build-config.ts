/** What `zerosearch simulator build` is told. Prompt, answers and gate are those that the simulator will be used with. */
import { z } from "zod";
import { linesPathSchema, pathListSchema } from "../core/path-list.ts";
import { type SimulatorConfig, simulatorPromptSchema } from "../models/rollout-engine-config.ts";

export interface BuildConfig extends Pick<SimulatorConfig, "prompt" | "answers" | "gate"> {
  /** Files that `label` wrote. */
  readonly searches: readonly string[];
  /** The file of records, for `zerosearch sft`. One that exists is replaced. */
  readonly out: string;
  /** Documents of a page, at most; the prompt asks for as many as the page then has. */
  readonly topK: number;
  /** For every page that tells an answer, a noisy one for the same query: see noise-source.ts. */
  readonly addsNoise: boolean;
  /** As many records of one label as of the other: of the more frequent one so many are drawn at random. */
  readonly isBalanced: boolean;
  readonly seed: number;
}

export const buildConfigSchema: z.ZodType<BuildConfig> = z.strictObject({
  searches: pathListSchema,
  out: linesPathSchema,
  prompt: simulatorPromptSchema.default("tuned"),
  answers: z.enum(["all", "first"]).default("all"),
  gate: z.string().min(1).default("entity-overlap"),
  topK: z.int().min(1).default(5),
  addsNoise: z.boolean().default(true),
  isBalanced: z.boolean().default(true),
  seed: z.int().min(0).default(0),
});
