/**
 * The core of attention, shared by training and generation: scores, softmax, weighted values. Of B sequences' K key heads it
 * sees B·K matrices M; the G query heads of each, with T queries each, are its R rows.
 */
import { cat, type Dtype, fromTypedArray, type Tensor, tidy, where, zeros } from "@zerosearch/torch";
import { type Numerics, roundUp } from "./numerics.ts";

/** What queries look at. */
export interface Seen {
  /** (M, S, D) */
  readonly key: Tensor;
  /** (M, S, D) */
  readonly value: Tensor;
  /** (B, 1, T, S), B or T may be 1: as {@link attentionMask} gives it. */
  readonly mask: Tensor;
}

/** What is added to scores: −∞ where a query may not look (bool), else 0. Float32. */
export function attentionMask(hidden: Tensor): Tensor {
  const constant = (value: number): Tensor => fromTypedArray(Float32Array.of(value), [], { device: hidden.device });
  return tidy(() => where(hidden, constant(Number.NEGATIVE_INFINITY), constant(0)));
}

/**
 * softmax(q·kᵀ + mask)·v; differentiable.
 *
 * @param query  (M, R, D), divided by √D already
 * @param seen   its keys are a multiple of `numerics.keyMultiple`; quickest where the transpose of the keys has contiguous rows
 * @returns (M, R, D)
 */
export function attend(query: Tensor, { key, value, mask }: Seen, numerics: Numerics): Tensor {
  return tidy(() => {
    const scores = onGrid(query, numerics, (rows) => rows.bmm(key.transpose(1, 2))); // (M, R, S)
    const [matrices = 0, rows = 0, keys = 0] = scores.shape;
    const weights = scores
      .reshape([mask.size(0), -1, mask.size(2), keys])
      .add(as(mask, scores.dtype))
      .softmax(-1, "float32")
      .view([matrices, rows, keys]);
    return onGrid(as(weights, query.dtype), numerics, (rows) => mix(rows, value, numerics.keyChunk));
  });
}

/** (M, R, S) · (M, S, D), summed in chunks of keys. */
function mix(weights: Tensor, value: Tensor, keyChunk: number): Tensor {
  const keys = weights.size(2);
  if (keys <= keyChunk) return weights.bmm(value);
  // Weights are split, not narrowed: backward, one joining of the parts, where each narrowing adds zeros of full size.
  return weights
    .split(keyChunk, 2)
    .map((part, i) => part.bmm(value.narrow(1, i * keyChunk, part.size(2))))
    .reduce((sum, part) => sum.add(part));
}

function onGrid(rows: Tensor, { queryMultiple }: Numerics, product: (rows: Tensor) => Tensor): Tensor {
  const count = rows.size(1);
  const padded = roundUp(count, queryMultiple);
  return padded === count ? product(rows) : product(padRows(rows, padded)).narrow(1, 0, count);
}

function as(x: Tensor, dtype: Dtype): Tensor {
  return x.dtype === dtype ? x : x.to(dtype);
}

/** Rows of zeros are appended; what they give is cut off again. */
function padRows(x: Tensor, rows: number): Tensor {
  const [matrices = 0, given = 0, width = 0] = x.shape;
  return cat([x, zeros([matrices, rows - given, width], { dtype: x.dtype, device: x.device })], 1);
}
