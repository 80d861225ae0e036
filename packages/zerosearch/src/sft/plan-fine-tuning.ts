/** What a run of fine-tuning would do, found out without learning anything. */
import { openCheckpoint, parameterCount, readDecoderConfig } from "@zerosearch/lm";
import type { Dtype } from "@zerosearch/torch";
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
    memoryBytes: parameters * bytesPerParameter(dtypeOf(config)),
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

function dtypeOf({ model: { path, weights, dtype } }: FineTuneConfig): Dtype {
  if (dtype) return dtype;
  if (weights === "fresh") return "float32";
  using checkpoint = openCheckpoint(path);
  const [name] = checkpoint.names;
  return name === undefined ? "float32" : checkpoint.info(name).dtype;
}

/** Weight, gradient and two moments; for 16 bits a master weight, and the gradient in float32. */
function bytesPerParameter(dtype: Dtype): number {
  if (dtype === "float64") return 4 * 8;
  return dtype === "float32" ? 4 * 4 : 2 + 4 * 4;
}
