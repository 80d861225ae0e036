/**
 * The core of attention, shared by training and generation: scores, softmax, weighted values. Of B sequences' K key heads it
 * sees B·K matrices M; the G query heads of each, with T queries each, are its R rows.
 */
import { cat, type Dtype, fromTypedArray, orderedBmm, type Tensor, tidy, where, zeros } from "@zerosearch/torch";
import { type Numerics, roundUp } from "./numerics.ts";
import type { AttentionSummation } from "./summation.ts";

/** What queries look at. */
export interface Seen {
  /** (M, S, D) */
  readonly key: Tensor;
  /** (M, S, D) */
  readonly value: Tensor;
  /** (B, 1, T, S), B or T may be 1: as {@link attentionMask} gives it. */
  readonly mask: Tensor;
}

/** How matrices are multiplied. */
interface Products {
  /** (M, R, D) · (M, S, D)ᵀ */
  readonly score: (query: Tensor, key: Tensor) => Tensor;
  /** (M, R, S) · (M, S, D) */
  readonly mix: (weights: Tensor, value: Tensor) => Tensor;
}

/** What is added to scores: −∞ where a query may not look (bool), else 0. Float32. */
export function attentionMask(hidden: Tensor): Tensor {
  const constant = (value: number): Tensor => fromTypedArray(Float32Array.of(value), [], { device: hidden.device });
  return tidy(() => where(hidden, constant(Number.NEGATIVE_INFINITY), constant(0)));
}

/**
 * softmax(q·kᵀ + mask)·v by the BLAS; differentiable.
 *
 * @param query  (M, R, D), divided by √D already
 * @param seen   its keys are a multiple of `numerics.keyMultiple`
 * @returns (M, R, D)
 */
export function attend(query: Tensor, seen: Seen, numerics: Numerics): Tensor {
  const onGrid = (rows: Tensor, product: (rows: Tensor) => Tensor): Tensor =>
    product(padRows(rows, roundUp(rows.size(1), numerics.queryMultiple))).narrow(1, 0, rows.size(1));
  const products: Products = {
    score: (queries, keys) => onGrid(queries, (rows) => rows.bmm(keys.transpose(1, 2))),
    mix: (weights, values) => {
      const chunk = Math.min(numerics.keyChunk, weights.size(2));
      return onGrid(weights, (rows) =>
        // Weights are split, not narrowed: backward, one joining of the parts, where each narrowing adds zeros of full size.
        rows
          .split(chunk, 2)
          .map((part, i) => part.bmm(values.narrow(1, i * chunk, part.size(2))))
          .reduce((sum, part) => sum.add(part)),
      );
    },
  };
  return tidy(() => attendBy(products, query, seen));
}

/**
 * The same without gradients, float32 on the CPU, every sum in a stated order: rows stand for themselves. Quickest where the
 * transpose of the keys has contiguous rows.
 */
export function attendInOrder(query: Tensor, seen: Seen, summation: AttentionSummation): Tensor {
  const products: Products = {
    score: (queries, keys) => orderedBmm(queries, keys.transpose(1, 2), summation.scores(keys.size(2))),
    mix: (weights, values) => orderedBmm(weights, values, summation.values(values.size(1))),
  };
  return tidy(() => attendBy(products, query, seen));
}

function attendBy({ score, mix }: Products, query: Tensor, { key, value, mask }: Seen): Tensor {
  const scores = score(query, key); // (M, R, S)
  const [matrices = 0, rows = 0, keys = 0] = scores.shape;
  const weights = scores
    .reshape([mask.size(0), -1, mask.size(2), keys])
    .add(as(mask, scores.dtype))
    .softmax(-1, "float32")
    .view([matrices, rows, keys]);
  return mix(as(weights, query.dtype), value);
}

function as(x: Tensor, dtype: Dtype): Tensor {
  return x.dtype === dtype ? x : x.to(dtype);
}

/** Rows of zeros are appended; what they give is cut off again. */
function padRows(x: Tensor, rows: number): Tensor {
  const [matrices = 0, given = 0, width = 0] = x.shape;
  if (given === rows) return x;
  return cat([x, zeros([matrices, rows - given, width], { dtype: x.dtype, device: x.device })], 1);
}
