/** One step of supervised fine-tuning: what tunes simulators (paper section 3.3) and cold starts. */
import {
  type Decoder,
  fineTuningLoss,
  fullAttention,
  type Numerics,
  PackedSequences,
  tokenLogProbs,
} from "@zerosearch/lm";
import { fromTypedArray, type Tensor, tidy } from "@zerosearch/torch";
import { gradientStep } from "../update/gradient-step.ts";
import type { AdamW } from "../update/optimizer.ts";
import { TokenBudget } from "../update/token-budget.ts";

/** A text to learn. */
export interface Example {
  readonly tokens: readonly number[];
  /** Of every token: how much its prediction counts; 0 for prompts. That of the first, which nothing predicts, is 0. */
  readonly weights: readonly number[];
}

export interface FineTuneStepOptions {
  readonly learningRate: number;
  readonly maxGradientNorm: number;
  readonly numerics: Numerics;
  /** Keep each layer's input only: less memory, a third more time. */
  readonly checkpointLayers?: boolean;
  /** What is computed at once. Default: the whole batch. */
  readonly budget?: TokenBudget;
}

export interface FineTuneMetrics {
  /** Weighted mean over the batch of −log p. */
  readonly loss: number;
  readonly gradientNorm: number;
  /** Tokens read, prompts included. */
  readonly tokenCount: number;
  readonly microBatches: number;
  /** Loss or gradient was no number: nothing was learned from this batch. */
  readonly isSkipped: boolean;
}

/** Learns from one batch: one weighted mean over all its tokens, one update, whatever is computed at once. */
export function fineTuneStep(
  decoder: Decoder,
  optimizer: AdamW,
  batch: readonly Example[],
  {
    learningRate,
    maxGradientNorm,
    budget = new TokenBudget(Number.POSITIVE_INFINITY),
    ...options
  }: FineTuneStepOptions,
): FineTuneMetrics {
  const totalWeight = learnedWeight(batch);
  const lengths = batch.map(({ tokens }) => tokens.length);
  const lossOf = (indices: readonly number[]): Tensor => {
    const part = indices.flatMap((index) => batch[index] ?? []);
    return batchLoss(decoder, part, { ...options, totalWeight });
  };
  const step = gradientStep(optimizer, (indices) => ({ loss: lossOf(indices), terms: {} }), {
    lengths,
    budget,
    learningRate,
    maxGradientNorm,
  });
  return {
    loss: step.loss,
    gradientNorm: step.gradientNorm,
    tokenCount: lengths.reduce((sum, length) => sum + length, 0),
    microBatches: step.microBatches,
    isSkipped: !step.isTaken,
  };
}

/** What a loss is divided by: the weights of all tokens that something predicts. */
export function learnedWeight(batch: readonly Example[]): number {
  return batch.reduce((sum, { weights }) => sum + weights.slice(1).reduce((inner, weight) => inner + weight, 0), 0);
}

export interface BatchLossOptions extends Pick<FineTuneStepOptions, "numerics" | "checkpointLayers"> {
  /** Of the batch that these are a part of. Default: their own. */
  readonly totalWeight?: number;
}

/**
 * The loss of a batch, differentiable if the decoder's parameters are.
 *
 * @returns one element
 */
export function batchLoss(
  decoder: Decoder,
  batch: readonly Example[],
  { numerics, checkpointLayers = false, totalWeight = learnedWeight(batch) }: BatchLossOptions,
): Tensor {
  return tidy(() => {
    const { device } = decoder.embeddings;
    const learned = learnedRows(batch);
    const packed = new PackedSequences(
      batch.map(({ tokens }) => tokens),
      numerics,
      device,
    );
    const attention = fullAttention(packed, decoder.embeddings);
    const hidden = decoder.forward(packed.tokens, packed.positions, attention, { checkpointLayers });
    const count = [learned.weights.length];
    const states = hidden.indexSelect(0, fromTypedArray(learned.rows, count, { device }));
    const targets = fromTypedArray(learned.targets, count, { device });
    const logProbs = tokenLogProbs(states, decoder.outputWeights, targets, { numerics });
    return fineTuningLoss(logProbs, fromTypedArray(learned.weights, count, { device }), totalWeight);
  });
}

/** The rows of a pack that predict a token worth learning, so that no logits are computed for the others. */
function learnedRows(batch: readonly Example[]): {
  rows: BigInt64Array;
  targets: BigInt64Array;
  weights: Float32Array;
} {
  const rows: bigint[] = [];
  const targets: bigint[] = [];
  const weights: number[] = [];
  let start = 0;
  for (const { tokens, weights: tokenWeights } of batch) {
    if (tokens.length !== tokenWeights.length) {
      throw new RangeError(
        `an example has ${tokens.length} tokens and ${tokenWeights.length} weights, expected as many`,
      );
    }
    for (const [i, token] of tokens.entries()) {
      const weight = i === 0 ? 0 : (tokenWeights[i] ?? 0);
      if (weight === 0) continue;
      rows.push(BigInt(start + i - 1));
      targets.push(BigInt(token));
      weights.push(weight);
    }
    start += tokens.length;
  }
  return {
    rows: BigInt64Array.from(rows),
    targets: BigInt64Array.from(targets),
    weights: Float32Array.from(weights),
  };
}
