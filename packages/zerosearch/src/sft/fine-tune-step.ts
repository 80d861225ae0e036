/** One step of supervised fine-tuning: what tunes simulators (paper section 3.3) and cold starts. */
import {
  type Decoder,
  fineTuningLoss,
  fullAttention,
  type Numerics,
  PackedSequences,
  tokenLogProbs,
} from "@zerosearch/lm";
import { fromTypedArray, grad, type Tensor, tidy } from "@zerosearch/torch";
import { clipGradients } from "../update/clip-gradients.ts";
import type { AdamW } from "../update/optimizer.ts";

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
}

export interface FineTuneMetrics {
  /** Weighted mean over the batch of −log p. */
  readonly loss: number;
  readonly gradientNorm: number;
  /** Tokens read, prompts included. */
  readonly tokenCount: number;
  /** A gradient was no number: nothing was learned from this batch. */
  readonly isSkipped: boolean;
}

/** Learns from one batch: one weighted mean over all its tokens, one update. */
export function fineTuneStep(
  decoder: Decoder,
  optimizer: AdamW,
  batch: readonly Example[],
  options: FineTuneStepOptions,
): FineTuneMetrics {
  return tidy(() => {
    const loss = batchLoss(decoder, batch, options);
    const gradients = grad(loss, optimizer.parameters);
    const { norm, isFinite: isNumber } = clipGradients(gradients, options.maxGradientNorm);
    if (isNumber) optimizer.step(gradients, options.learningRate);
    const tokenCount = batch.reduce((sum, { tokens }) => sum + tokens.length, 0);
    return { loss: loss.item(), gradientNorm: norm, tokenCount, isSkipped: !isNumber };
  });
}

/**
 * The loss of a batch, differentiable if the decoder's parameters are.
 *
 * @returns one element
 */
export function batchLoss(
  decoder: Decoder,
  batch: readonly Example[],
  { numerics, checkpointLayers = false }: Pick<FineTuneStepOptions, "numerics" | "checkpointLayers">,
): Tensor {
  return tidy(() => {
    const { device } = decoder.embeddings;
    const learned = learnedRows(batch);
    const packed = new PackedSequences(
      batch.map(({ tokens }) => tokens),
      numerics,
      device,
    );
    const attention = fullAttention(packed, decoder.groupSize);
    const hidden = decoder.forward(packed.tokens, packed.positions, attention, { checkpointLayers });
    const count = [learned.weights.length];
    const states = hidden.indexSelect(0, fromTypedArray(learned.rows, count, { device }));
    const targets = fromTypedArray(learned.targets, count, { device });
    const { logProbs } = tokenLogProbs(states, decoder.outputWeights, targets, { numerics });
    const totalWeight = learned.weights.reduce((sum, weight) => sum + weight, 0);
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
