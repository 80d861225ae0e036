/** One forward pass over new tokens of several sequences whose earlier tokens are in the cache. No gradients. */
import { arange, fromTypedArray, noGrad, type Tensor, tidy } from "@zerosearch/torch";
import type { Decoder } from "../models/decoder.ts";
import { attend } from "../nn/attend.ts";
import type { Attention } from "../nn/full-attention.ts";
import { type Numerics, roundUp } from "../nn/numerics.ts";
import type { KvCache } from "./kv-cache.ts";

/** New tokens of one sequence. */
export interface NewTokens {
  readonly slot: number;
  /** Tokens of the sequence that the cache holds already. */
  readonly start: number;
  /** At least one. */
  readonly tokens: readonly number[];
}

/**
 * Runs the new tokens through the decoder and writes their keys and values into the cache.
 *
 * @returns (sequences, E): the hidden state of each sequence's last new token, owned by the caller
 */
export function cachedPass(
  decoder: Decoder,
  cache: KvCache,
  sequences: readonly NewTokens[],
  numerics: Numerics,
): Tensor {
  return noGrad(() =>
    tidy(() => {
      const { device } = decoder.embeddings;
      const int64 = (values: readonly number[]): Tensor =>
        fromTypedArray(BigInt64Array.from(values, BigInt), [values.length], { device });
      const slots = sequences.flatMap(({ slot, tokens }) => tokens.map(() => slot));
      const places = sequences.flatMap(({ start, tokens }) => tokens.map((_, i) => start + i));
      const filler = new Array<number>(roundUp(slots.length, numerics.rowMultiple) - slots.length).fill(0);
      const rows = fromTypedArray(cache.rows(slots, places), [slots.length * decoder.config.keyValueHeadCount], {
        device,
      });
      const attention = cachedAttention(decoder, cache, sequences, { rows, numerics });
      const hidden = decoder.forward(
        int64([...sequences.flatMap(({ tokens }) => tokens), ...filler]),
        int64([...places, ...filler]),
        attention,
      );
      let end = -1;
      const last = sequences.map(({ tokens }) => {
        end += tokens.length;
        return end;
      });
      return last.length === hidden.size(0) ? hidden : hidden.indexSelect(0, int64(last));
    }),
  );
}

function cachedAttention(
  decoder: Decoder,
  cache: KvCache,
  sequences: readonly NewTokens[],
  { rows, numerics }: { readonly rows: Tensor; readonly numerics: Numerics },
): Attention {
  const { headCount, keyValueHeadCount: keyHeads, headSize } = decoder.config;
  const { device } = decoder.embeddings;
  const group = headCount / keyHeads;
  const batch = sequences.length;
  const width = Math.max(...sequences.map(({ tokens }) => tokens.length)); // T: new tokens of the longest
  const longest = Math.max(...sequences.map(({ start, tokens }) => start + tokens.length));
  const isPrefix = sequences.every(({ slot }, i) => slot === i);
  const int64 = (values: readonly number[], shape: readonly number[]): Tensor =>
    fromTypedArray(BigInt64Array.from(values, BigInt), shape, { device });
  const slots = isPrefix
    ? undefined
    : int64(
        sequences.map(({ slot }) => slot),
        [batch],
      );
  const plan = paddingPlan(sequences, width);
  const spread = plan && int64(plan.spread, [batch * width]);
  const collect = plan && int64(plan.collect, [rows.size(0) / keyHeads]);
  // The position of every padded query; one behind a sequence's last stands in for the missing ones.
  const positions = int64(
    sequences.flatMap(({ start, tokens }) =>
      Array.from({ length: width }, (_, i) => start + Math.min(i, tokens.length - 1)),
    ),
    [batch, 1, width, 1],
  );
  const keyPositions = arange(0, cache.readLength(longest), 1, { device });
  const hidden = keyPositions.gt(positions).repeat([1, 1, group, 1]); // (B, 1, G·T, S)
  return (layer, query, key, value) =>
    tidy(() => {
      cache.write(layer, rows, key, value);
      const past = slots ? cache.gather(layer, slots, longest) : cache.read(layer, batch, longest);
      const real = rows.size(0) / keyHeads;
      const padded = spread ? query.indexSelect(0, spread) : query.narrow(0, 0, real); // (B·T, H, D)
      const queries = padded
        .view([batch, width, keyHeads, group, headSize])
        .permute([0, 2, 3, 1, 4])
        .reshape([batch, keyHeads, group * width, headSize]);
      const mixed = attend(queries, { ...past, hidden }, numerics)
        .reshape([batch, keyHeads, group, width, headSize])
        .permute([0, 3, 1, 2, 4])
        .reshape([batch * width, headCount, headSize]);
      const collected = collect ? mixed.indexSelect(0, collect) : mixed; // (N, H, D)
      return padToRows(collected, query.size(0));
    });
}

/** Which token stands in each padded place, and where each token went; nothing when there is no padding. */
function paddingPlan(
  sequences: readonly NewTokens[],
  width: number,
): { spread: number[]; collect: number[] } | undefined {
  if (sequences.every(({ tokens }) => tokens.length === width)) return undefined;
  const spread: number[] = [];
  const collect: number[] = [];
  let row = 0;
  for (const [index, { tokens }] of sequences.entries()) {
    for (let i = 0; i < width; i++) spread.push(row + Math.min(i, tokens.length - 1));
    for (let i = 0; i < tokens.length; i++) collect.push(index * width + i);
    row += tokens.length;
  }
  return { spread, collect };
}

/** Rows of no token, which exact numerics adds, get any row's value: nothing reads them. */
function padToRows(x: Tensor, rows: number): Tensor {
  const missing = rows - x.size(0);
  if (missing === 0) return x;
  const index = Array.from({ length: rows }, (_, i) => Math.min(i, rows - missing - 1));
  return x.indexSelect(0, fromTypedArray(BigInt64Array.from(index, BigInt), [rows], { device: x.device }));
}
