/**
 * Attention to cached keys and values by the library's products, where the addon has none of its own (float64, CUDA): new
 * tokens are padded to a rectangle, and masks hide what a query may not see.
 */
import { cat, type Tensor, tidy } from "@zerosearch/torch";
import { attend, attentionMask } from "../nn/attend.ts";
import type { Attention } from "../nn/full-attention.ts";
import { int64 } from "../nn/int64.ts";
import type { NewTokens, PassContext, PassInputs } from "./cached-pass.ts";

/** Sizes of padded new tokens. */
export interface MaskedPlan {
  /** T: new tokens of the sequence with most. */
  readonly width: number;
  /** Keys that are read. */
  readonly keys: number;
  /** Chosen slots; undefined for the first ones in order, which need no copy. */
  readonly chosen: Tensor | undefined;
  /** Between packed tokens and padded queries; undefined when no sequence needs padding. */
  readonly padding: { readonly spread: Tensor; readonly collect: Tensor } | undefined;
}

interface Plan extends MaskedPlan {
  readonly batch: number;
  readonly tokenCount: number;
  readonly ends: Tensor | undefined;
}

export function maskedAttention({ decoder, cache, numerics }: PassContext, plan: Plan, inputs: PassInputs): Attention {
  const { headCount, keyValueHeadCount: keyHeads, headSize, layerCount } = decoder.config;
  const { batch, width, tokenCount, chosen, padding, ends } = plan;
  const matrices = batch * keyHeads;
  const group = headCount / keyHeads;
  const keyPositions = int64([...Array(plan.keys).keys()], inputs.tokens.device); // unlike arange, a constant of programs
  const padded = (x: Tensor): Tensor => (padding ? x.indexSelect(0, padding.spread) : firstRows(x, tokenCount));
  const queryPositions = padded(inputs.positions).view([batch, 1, width, 1]);
  const maskOfAll = attentionMask(keyPositions.gt(queryPositions)); // (B, 1, T, S)
  const maskOfLast = maskOfAll.narrow(2, width - 1, 1);
  const rows = cache.tableRows({
    slots: firstRows(inputs.slots, tokenCount),
    positions: firstRows(inputs.positions, tokenCount),
  });
  return (layer, query, key, value) =>
    tidy(() => {
      cache.write(layer, rows, key, value);
      const past = chosen ? cache.gather(layer, chosen, plan.keys) : cache.read(layer, batch, plan.keys);
      if (!ends || layer === layerCount - 1) {
        const queries = firstRows(query, batch).view([matrices, group, headSize]);
        const mixed = attend(queries, { ...past, mask: maskOfLast }, numerics);
        return padToRows(mixed.reshape([batch, headCount, headSize]), query.size(0));
      }
      const queries = padded(query) // (B·T, H, D)
        .view([batch, width, headCount, headSize])
        .transpose(1, 2)
        .reshape([matrices, group * width, headSize]);
      const mixed = attend(queries, { ...past, mask: maskOfAll }, numerics)
        .reshape([batch, headCount, width, headSize])
        .transpose(1, 2)
        .reshape([batch * width, headCount, headSize]);
      return padToRows(padding ? mixed.indexSelect(0, padding.collect) : mixed, query.size(0)); // (N, H, D)
    });
}

/** Its tensors belong to the enclosing scope. */
export function planMasked({ cache, decoder }: PassContext, sequences: readonly NewTokens[]): MaskedPlan {
  const width = Math.max(...sequences.map(({ tokens }) => tokens.length));
  const longest = Math.max(...sequences.map(({ start, tokens }) => start + tokens.length));
  const isPrefix = sequences.every(({ slot }, i) => slot === i);
  const { device } = decoder.embeddings;
  return {
    width,
    keys: cache.readLength(longest),
    chosen: isPrefix
      ? undefined
      : int64(
          sequences.map(({ slot }) => slot),
          device,
        ),
    padding: planPadding(sequences, width, device),
  };
}

/** Which token stands in each padded place, the last of a sequence in those after its end, and where each token went. */
function planPadding(sequences: readonly NewTokens[], width: number, device: Tensor["device"]): MaskedPlan["padding"] {
  if (sequences.every(({ tokens }) => tokens.length === width)) return undefined;
  const spread: number[] = [];
  const collect: number[] = [];
  let row = 0;
  for (const [index, { tokens }] of sequences.entries()) {
    for (let i = 0; i < width; i++) spread.push(row + Math.min(i, tokens.length - 1));
    for (let i = 0; i < tokens.length; i++) collect.push(index * width + i);
    row += tokens.length;
  }
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
