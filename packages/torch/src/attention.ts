/** Scaled dot-product attention (Vaswani et al. 2017, §3.2.1), which libtorch has under one name only since 2.0. */

import { checkedOptions } from "./checked-options.ts";
import { full } from "./creation.ts";
import { ArgumentError } from "./errors.ts";
import { hasOperator } from "./native.ts";
import { scaledDotProductAttention } from "./ops.generated.ts";
import { tidy } from "./scope.ts";
import { liveHandle, liveHandles, type Tensor } from "./tensor.ts";

/** Options of {@link attention}. */
export interface AttentionOptions {
  /** bool, broadcastable to `[B, H, T, S]`: true where a query may look. Or float, added to the scores. */
  readonly mask?: Tensor;
  /** Each query looks at keys up to its own position. Not together with `mask`. */
  readonly isCausal?: boolean;
  /** What scores are multiplied by; 1/√D by default. */
  readonly scale?: number;
}

/**
 * softmax(q·kᵀ·scale + mask)·v, differentiable. Uses libtorch's fused kernel where it has one.
 *
 * @param query  `[B, H, T, D]`
 * @param key    `[B, K, S, D]`, H a multiple of K: with fewer key heads, each serves H/K neighbouring query heads
 * @param value  `[B, K, S, D]`
 * @returns `[B, H, T, D]`
 * @throws {ArgumentError} H is no multiple of K, or both `mask` and `isCausal` are given
 */
export function attention(query: Tensor, key: Tensor, value: Tensor, options: AttentionOptions = {}): Tensor {
  liveHandles([query, key, value], "attention", "[query, key, value]");
  const { mask, isCausal = false, scale = 1 / Math.sqrt(query.size(-1)) } = checkedOptions(options, "attention");
  if (mask) liveHandle(mask, "attention", "mask");
  if (mask && isCausal) throw new ArgumentError("attention: give mask or isCausal, not both");
  for (const one of [query, key, value]) {
    if (one.ndim !== 4)
      throw new ArgumentError(`attention: a tensor has shape [${one.shape.join(", ")}], expected four dimensions`);
  }
  const heads = query.size(1);
  const keyHeads = key.size(1);
  if (heads % keyHeads !== 0) {
    throw new ArgumentError(`attention: query heads (${heads}) must be a multiple of key heads (${keyHeads})`);
  }
  return tidy(() => {
    const each = heads / keyHeads;
    const keys = each === 1 ? key : key.repeatInterleave(each, 1); // (B, H, S, D)
    const values = each === 1 ? value : value.repeatInterleave(each, 1); // (B, H, S, D)
    if (hasOperator("aten::scaled_dot_product_attention")) {
      return scaledDotProductAttention(query, keys, values, mask ?? null, 0, isCausal, { scale });
    }
    const scores = query.mul(scale).matmul(keys.transpose(-2, -1)); // (B, H, T, S)
    const allowed = isCausal ? causalMask(query, key) : mask;
    const masked = !allowed
      ? scores
      : allowed.dtype === "bool"
        ? scores.maskedFill(allowed.logicalNot(), Number.NEGATIVE_INFINITY)
        : scores.add(allowed);
    return masked.softmax(-1).matmul(values);
  });
}

/** true at and below the diagonal, (T, S) */
function causalMask(query: Tensor, key: Tensor): Tensor {
  return full([query.size(2), key.size(2)], true, { dtype: "bool", device: query.device }).tril();
}
