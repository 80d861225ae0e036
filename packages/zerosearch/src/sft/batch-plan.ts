/**
 * Which records are learned from in which step. All of it follows from the seed, so that the place in the data is the
 * number of the step and a resumed run meets the same batches.
 */
import { keyedShuffle } from "../core/keyed-random.ts";
import { evenParts, microBatches } from "../update/micro-batches.ts";

export interface PlannedBatch {
  /** From 0. */
  readonly epoch: number;
  /** Of records. */
  readonly indices: readonly number[];
}

export interface PlanOptions {
  /** A longer record stands alone. */
  readonly tokensPerBatch: number;
  readonly seed: number;
  readonly length: { readonly epochs: number } | { readonly steps: number };
}

/** Texts are sorted by length within parts of so many batches: alike enough to pack well, and mixed anew every epoch. */
const BATCHES_PER_PART = 32;

/**
 * @param lengths  tokens of each record, at least one record
 * @returns one batch per step; every record once per epoch
 */
export function planBatches(lengths: readonly number[], { length, ...options }: PlanOptions): PlannedBatch[] {
  const batches: PlannedBatch[] = [];
  const isEnough = (epoch: number): boolean =>
    "epochs" in length ? epoch >= length.epochs : batches.length >= length.steps;
  for (let epoch = 0; !isEnough(epoch); epoch++) {
    for (const indices of batchesOfEpoch(lengths, epoch, options)) batches.push({ epoch, indices });
  }
  return "steps" in length ? batches.slice(0, length.steps) : batches;
}

function batchesOfEpoch(
  lengths: readonly number[],
  epoch: number,
  { tokensPerBatch, seed }: Omit<PlanOptions, "length">,
): number[][] {
  const order = keyedShuffle([...lengths.keys()], [seed, "records of epoch", epoch]);
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const parts = evenParts(order, Math.floor(tokens / (tokensPerBatch * BATCHES_PER_PART)));
  const batches = parts.flatMap((part) => {
    const ofPart = microBatches(
      part.map((index) => lengths[index] ?? 0),
      tokensPerBatch,
    );
    return ofPart.map((batch) => batch.map((at) => part[at] ?? 0));
  });
  return keyedShuffle(batches, [seed, "batches of epoch", epoch]);
}
