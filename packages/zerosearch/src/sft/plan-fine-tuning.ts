/** What a run of fine-tuning would do, found out without learning anything. */
import { parameterCount, readDecoderConfig } from "@zerosearch/lm";
import { weightsDtype } from "../models/weights-dtype.ts";
import { parameterBytes } from "../update/parameter-bytes.ts";
import { planBatches } from "./batch-plan.ts";
import { lengthOf } from "./fine-tune.ts";
import type { FineTuneConfig } from "./fine-tune-config.ts";
import { loadFineTuneData } from "./fine-tune-data.ts";
import { fineTuneTokenizer } from "./fine-tuned-model.ts";

export interface FineTunePlan {
  readonly parameters: number;
  /** Weights, their gradients and the optimizer; what a batch needs on the way comes on top. */
  readonly memoryBytes: number;
  readonly trainRecords: number;
  readonly validationRecords: number;
  /** Left out because they are too long. */
  readonly skippedRecords: number;
  readonly longestTokens: number;
  readonly steps: number;
  readonly epochs: number;
  /** Of all steps, prompts included. */
  readonly tokens: number;
  /** Of all steps: those that are learned. */
  readonly learnedTokens: number;
  /** The first batch's first record: what is read, and what is learned. */
  readonly first: { readonly prompt: string; readonly completion: string };
}

/** @throws {ConfigError} @throws {DataError} @throws {ModelFileError} as `fineTune` would */
export async function planFineTuning(config: FineTuneConfig): Promise<FineTunePlan> {
  const tokenizer = fineTuneTokenizer(config);
  const { train, validation, skippedCount } = await loadFineTuneData(config, tokenizer);
  const lengths = train.map(({ tokens }) => tokens.length);
  const learned = train.map(({ weights }) => weights.filter((weight) => weight > 0).length);
  const plan = planBatches(lengths, { ...config, length: lengthOf(config) });
  const over = (counts: readonly number[]): number =>
    plan.reduce((sum, { indices }) => indices.reduce((inner, index) => inner + (counts[index] ?? 0), sum), 0);
  const first = train[plan[0]?.indices[0] ?? 0];
  const end = first?.weights.findIndex((weight) => weight > 0) ?? 0;
  const parameters = parameterCount(readDecoderConfig(config.model.path));
  return {
    parameters,
    memoryBytes: parameters * bytesPerParameter(config),
    trainRecords: train.length,
    validationRecords: validation.length,
    skippedRecords: skippedCount,
    longestTokens: lengths.reduce((longest, length) => Math.max(longest, length), 0),
    steps: plan.length,
    epochs: 1 + (plan.at(-1)?.epoch ?? 0),
    tokens: over(lengths),
    learnedTokens: over(learned),
    first: {
      prompt: tokenizer.decode(first?.tokens.slice(0, end) ?? []),
      completion: tokenizer.decode(first?.tokens.slice(end) ?? []),
    },
  };
}

function bytesPerParameter({ model: { path, weights, dtype } }: FineTuneConfig): number {
  const bytes = parameterBytes(weights === "fresh" ? (dtype ?? "float32") : weightsDtype(path, dtype));
  return bytes.weights + bytes.optimizer + bytes.gradients;
}
