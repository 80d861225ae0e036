/**
 * Attention whose scores never exist as a table, on the CPU, in float32: 16 bits are widened, and the result rounded. Rows stand
 * for themselves, so a token gets the same bits from {@link causalAttention} over its whole text as from
 * {@link cachedAttention} step by step.
 */
import {
  cachedAttention as cachedAttentionOp,
  causalAttention as causalAttentionOp,
  writeCache_ as writeCacheOp_,
} from "./ops.generated.ts";
import { tidy } from "./scope.ts";
import type { Tensor } from "./tensor.ts";

/**
 * softmax(q·kᵀ)·v of sequences that lie end to end, each row looking at those of its sequence up to itself; differentiable once.
 *
 * @param query    `[N, H, D]`, divided by √D already
 * @param key      `[N, K, D]`, H a multiple of K
 * @param value    `[N, K, D]`
 * @param lengths  of the sequences; rows after the last belong to none, and get zeros
 * @returns `[N, H, D]`
 * @throws {TorchError} shapes do not fit, or the lengths exceed N
 */
export function causalAttention(query: Tensor, key: Tensor, value: Tensor, lengths: readonly number[]): Tensor {
  return tidy(() => causalAttentionOp(wide(query), wide(key), wide(value), lengths).to(query.dtype));
}

/**
 * A layer's keys, float32 `[slots, K, capacity / PANEL, D, PANEL]`: of PANEL positions each number lies side by side. Its
 * values, float32 `[slots, K, capacity, D]`. Both contiguous.
 */
export interface CacheTables {
  readonly keys: Tensor;
  readonly values: Tensor;
}

/** Where tokens stand in a cache, int64 `[N]` each. */
export interface CachePositions {
  readonly slots: Tensor;
  readonly positions: Tensor;
}

/**
 * softmax(q·kᵀ)·v over cached keys and values: each row looks at its slot up to its position. Quickest where the rows of a slot
 * follow each other. Not differentiable.
 *
 * @param query  `[N, H, D]`, divided by √D already
 * @returns `[N, H, D]`
 * @throws {TorchError} shapes do not fit, or a slot or position is outside the tables
 */
export function cachedAttention(
  query: Tensor,
  { keys, values }: CacheTables,
  { slots, positions }: CachePositions,
): Tensor {
  return tidy(() => cachedAttentionOp(wide(query), keys, values, slots, positions).to(query.dtype));
}

/**
 * Writes keys and values of tokens into the tables.
 *
 * @param key    `[M, K, D]`, of which the first N rows are written
 * @param value  `[M, K, D]`
 * @throws {TorchError} as {@link cachedAttention}
 */
export function writeCache_(
  { keys, values }: CacheTables,
  key: Tensor,
  value: Tensor,
  { slots, positions }: CachePositions,
): void {
  tidy(() => {
    writeCacheOp_(keys, values, wide(key), wide(value), slots, positions);
  });
}

function wide(x: Tensor): Tensor {
  return x.dtype === "bfloat16" || x.dtype === "float16" ? x.to("float32") : x;
}
