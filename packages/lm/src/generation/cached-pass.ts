/** One forward pass over new tokens of several sequences whose earlier tokens are in the cache. No gradients. */
import { cat, noGrad, type Tensor, tidy } from "@zerosearch/torch";
import type { Decoder } from "../models/decoder.ts";
import { attend, attentionMask } from "../nn/attend.ts";
import type { Attention } from "../nn/full-attention.ts";
import { int64 } from "../nn/int64.ts";
import { type Numerics, roundUp } from "../nn/numerics.ts";
import type { KvCache } from "./kv-cache.ts";
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

/** The tensors that change from pass to pass, all int64. */
export interface PassInputs {
  /** (N): token ids, then filler rows of exact numerics. */
  readonly tokens: Tensor;
  /** (N) */
  readonly positions: Tensor;
  /** (tokens · K): where in the cache's flattened table keys and values go. */
  readonly cacheRows: Tensor;
  /** (B, 1, T, 1): the position of every padded query. */
  readonly queryPositions: Tensor;
}

/** The sizes that shape a pass: passes of one plan differ in {@link PassInputs} only. */
export interface PassPlan {
  readonly batch: number;
  /** T: new tokens of the sequence with most. */
  readonly width: number;
  /** Keys that are read. */
  readonly keys: number;
  /** New tokens in all. */
  readonly tokenCount: number;
  /** Chosen slots; undefined for the first ones in order, which need no copy. */
  readonly slots: Tensor | undefined;
  /** Between packed tokens and padded queries; undefined when no sequence needs padding. */
  readonly padding: { readonly spread: Tensor; readonly collect: Tensor } | undefined;
  /** The row of each sequence's last token, then rows of filler; undefined when sequences have but one. */
  readonly ends: Tensor | undefined;
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
export function computePass(
  { decoder, cache, numerics, weights }: PassContext,
  plan: PassPlan,
  inputs: PassInputs,
): Tensor {
  const { headCount, keyValueHeadCount: keyHeads, headSize, layerCount } = decoder.config;
  const { batch, width, tokenCount, slots, padding, ends } = plan;
  const matrices = batch * keyHeads;
  const group = headCount / keyHeads;
  const keyPositions = int64([...Array(plan.keys).keys()], inputs.tokens.device); // unlike arange, a constant of programs
  const maskOfAll = attentionMask(keyPositions.gt(inputs.queryPositions)); // (B, 1, T, S)
  const maskOfLast = maskOfAll.narrow(2, width - 1, 1);
  const places = cache.places(inputs);
  const attention: Attention = (layer, query, key, value) =>
    tidy(() => {
      cache.write(layer, places, key, value);
      const past = slots ? cache.gather(layer, slots, plan.keys) : cache.read(layer, batch, plan.keys);
      if (!ends || layer === layerCount - 1) {
        const queries = firstRows(query, batch).view([matrices, group, headSize]);
        const mixed = attend(queries, { ...past, mask: maskOfLast }, numerics);
        return padToRows(mixed.reshape([batch, headCount, headSize]), query.size(0));
      }
      const padded = padding ? query.indexSelect(0, padding.spread) : firstRows(query, tokenCount); // (B·T, H, D)
      const queries = padded
        .view([batch, width, headCount, headSize])
        .transpose(1, 2)
        .reshape([matrices, group * width, headSize]);
      const mixed = attend(queries, { ...past, mask: maskOfAll }, numerics)
        .reshape([batch, headCount, width, headSize])
        .transpose(1, 2)
        .reshape([batch * width, headCount, headSize]);
      return padToRows(padding ? mixed.indexSelect(0, padding.collect) : mixed, query.size(0)); // (N, H, D)
    });
  return decoder.forward(inputs.tokens, inputs.positions, attention, {
    rows: ends,
    ...(weights ? { linear: weights.linear } : {}),
  });
}

/** Sizes of a pass. Its tensors belong to the enclosing scope. */
export function planPass(context: PassContext, sequences: readonly NewTokens[]): PassPlan {
  const width = Math.max(...sequences.map(({ tokens }) => tokens.length));
  const longest = Math.max(...sequences.map(({ start, tokens }) => start + tokens.length));
  const isPrefix = sequences.every(({ slot }, i) => slot === i);
  const slots = sequences.map(({ slot }) => slot);
  const { device } = context.decoder.embeddings;
  return {
    batch: sequences.length,
    width,
    keys: context.cache.readLength(longest),
    tokenCount: sequences.reduce((sum, { tokens }) => sum + tokens.length, 0),
    slots: isPrefix ? undefined : int64(slots, device),
    padding: planPadding(context, sequences, width),
    ends: width === 1 ? undefined : lastRows(context, sequences),
  };
}

/** The tensors of a pass, which belong to the enclosing scope. */
export function passInputs(context: PassContext, sequences: readonly NewTokens[]): PassInputs {
  const { cache, decoder } = context;
  const { device } = decoder.embeddings;
  const slots = sequences.flatMap(({ slot, tokens }) => tokens.map(() => slot));
  const places = sequences.flatMap(({ start, tokens }) => tokens.map((_, i) => start + i));
  const filler = new Array<number>(passRows(context, slots.length) - slots.length).fill(0);
  const width = Math.max(...sequences.map(({ tokens }) => tokens.length));
  // One behind a sequence's last token stands in for those that are missing.
  const queryPositions = sequences.flatMap(({ start, tokens }) =>
    Array.from({ length: width }, (_, i) => start + Math.min(i, tokens.length - 1)),
  );
  return {
    tokens: int64([...sequences.flatMap(({ tokens }) => tokens), ...filler], device),
    positions: int64([...places, ...filler], device),
    cacheRows: int64(cache.rows(slots, places), device),
    queryPositions: int64(queryPositions, device, [sequences.length, 1, width, 1]),
  };
}

/** The row of each sequence's last token, repeated up to the grid of exact numerics. */
function lastRows(context: PassContext, sequences: readonly NewTokens[]): Tensor {
  const ends: number[] = [];
  for (const { tokens } of sequences) ends.push((ends.at(-1) ?? -1) + tokens.length);
  const filler = new Array<number>(passRows(context, ends.length) - ends.length).fill(0);
  return int64([...ends, ...filler], context.decoder.embeddings.device);
}

/** Which token stands in each padded place, and where each token went. */
function planPadding(context: PassContext, sequences: readonly NewTokens[], width: number): PassPlan["padding"] {
  if (sequences.every(({ tokens }) => tokens.length === width)) return undefined;
  const spread: number[] = [];
  const collect: number[] = [];
  let row = 0;
  for (const [index, { tokens }] of sequences.entries()) {
    for (let i = 0; i < width; i++) spread.push(row + Math.min(i, tokens.length - 1));
    for (let i = 0; i < tokens.length; i++) collect.push(index * width + i);
    row += tokens.length;
  }
  const { device } = context.decoder.embeddings;
  return { spread: int64(spread, device), collect: int64(collect, device) };
}

function firstRows(x: Tensor, count: number): Tensor {
  return x.size(0) === count ? x : x.narrow(0, 0, count);
}

/** Rows of no token, which exact numerics adds, get copies of the first: nothing reads them. */
function padToRows(x: Tensor, rows: number): Tensor {
  const missing = rows - x.size(0);
  if (missing === 0) return x;
  return cat([x, x.narrow(0, 0, 1).expand([missing, -1, -1])], 0);
}
