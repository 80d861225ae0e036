/** One forward pass over new tokens of several sequences whose earlier tokens are in the cache. No gradients. */
import {
  type CachePositions,
  cachedAttention,
  hasOwnAttention,
  noGrad,
  type Tensor,
  tidy,
  writeCache_,
} from "@zerosearch/torch";
import type { Decoder } from "../models/decoder.ts";
import type { Attention } from "../nn/full-attention.ts";
import { int64 } from "../nn/int64.ts";
import { type Numerics, roundUp } from "../nn/numerics.ts";
import type { KvCache } from "./kv-cache.ts";
import { type MaskedPlan, maskedAttention, planMasked } from "./masked-attention.ts";
import type { PackedWeights } from "./packed-weights.ts";

/** New tokens of one sequence. */
export interface NewTokens {
  readonly slot: number;
  /** Tokens of the sequence that the cache holds already. */
  readonly start: number;
  /** At least one. */
  readonly tokens: readonly number[];
}

/** What a pass computes with, and where. */
export interface PassContext {
  readonly decoder: Decoder;
  readonly cache: KvCache;
  readonly numerics: Numerics;
  /** What the rows are multiplied with, if not the decoder's own. */
  readonly weights: PackedWeights | undefined;
}

/** Rows of a pass over so many tokens. */
export function passRows({ numerics }: PassContext, tokens: number): number {
  return roundUp(tokens, numerics.rowMultiple);
}

/** The tensors that change from pass to pass, int64 (N) each: rows of new tokens, then of filler, which read slot 0. */
export interface PassInputs extends CachePositions {
  readonly tokens: Tensor;
}

/** The sizes that shape a pass: passes of one plan differ in {@link PassInputs} only. */
export interface PassPlan {
  readonly batch: number;
  /** New tokens in all. */
  readonly tokenCount: number;
  /** The row of each sequence's last token, then rows of filler; undefined when sequences have but one. */
  readonly ends: Tensor | undefined;
  /** What attention by the library's products needs; undefined where the addon has its own. */
  readonly masked: MaskedPlan | undefined;
}

/**
 * Runs the new tokens through the decoder and writes their keys and values into the cache.
 *
 * @returns (sequences, E): the hidden state of each sequence's last new token, owned by the caller
 */
export function cachedPass(context: PassContext, sequences: readonly NewTokens[]): Tensor {
  return noGrad(() =>
    tidy(() =>
      computePass(context, planPass(context, sequences), passInputs(context, sequences)).narrow(0, 0, sequences.length),
    ),
  );
}

/**
 * The part of a pass that is all tensors: what a program records.
 *
 * @returns (passRows of the sequences, E): the hidden state of each sequence's last new token, then filler
 */
export function computePass(context: PassContext, plan: PassPlan, inputs: PassInputs): Tensor {
  const { decoder, weights } = context;
  const attention = plan.masked
    ? maskedAttention(context, { ...plan, ...plan.masked }, inputs)
    : ownAttention(context, plan, inputs);
  return decoder.forward(inputs.tokens, inputs.positions, attention, {
    rows: plan.ends,
    ...(weights ? { linear: weights.linear } : {}),
  });
}

function ownAttention({ cache, decoder }: PassContext, { tokenCount, ends }: PassPlan, inputs: PassInputs): Attention {
  const { slots, positions } = inputs;
  const written = { slots: slots.narrow(0, 0, tokenCount), positions: positions.narrow(0, 0, tokenCount) };
  const last = ends ? { slots: slots.indexSelect(0, ends), positions: positions.indexSelect(0, ends) } : inputs;
  return (layer, query, key, value) => {
    const tables = cache.layer(layer);
    writeCache_(tables, key, value, written);
    return cachedAttention(query, tables, layer === decoder.config.layerCount - 1 ? last : inputs);
  };
}

/** Sizes of a pass. Its tensors belong to the enclosing scope. */
export function planPass(context: PassContext, sequences: readonly NewTokens[]): PassPlan {
  return {
    batch: sequences.length,
    tokenCount: sequences.reduce((sum, { tokens }) => sum + tokens.length, 0),
    ends: sequences.every(({ tokens }) => tokens.length === 1) ? undefined : lastRows(context, sequences),
    masked: hasOwnAttention(context.decoder.embeddings) ? undefined : planMasked(context, sequences),
  };
}

/** The tensors of a pass, which belong to the enclosing scope. */
export function passInputs(context: PassContext, sequences: readonly NewTokens[]): PassInputs {
  const { device } = context.decoder.embeddings;
  const slots = sequences.flatMap(({ slot, tokens }) => tokens.map(() => slot));
  const positions = sequences.flatMap(({ start, tokens }) => tokens.map((_, i) => start + i));
  const rows = passRows(context, slots.length);
  const filler = new Array<number>(rows - slots.length).fill(0);
  return {
    tokens: int64([...sequences.flatMap(({ tokens }) => tokens), ...filler], device),
    ...context.cache.places(slots, positions, rows),
  };
}

/** The row of each sequence's last token, repeated up to the grid of exact numerics. */
function lastRows(context: PassContext, sequences: readonly NewTokens[]): Tensor {
  const ends: number[] = [];
  for (const { tokens } of sequences) ends.push((ends.at(-1) ?? -1) + tokens.length);
  const filler = new Array<number>(passRows(context, ends.length) - ends.length).fill(0);
  return int64([...ends, ...filler], context.decoder.embeddings.device);
}
