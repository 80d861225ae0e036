/** The core of attention, shared by training and generation: scores, softmax, weighted values. */
import type { Tensor } from "@zerosearch/torch";
import { cat, tidy, zeros } from "@zerosearch/torch";
import { type Numerics, roundUp } from "./numerics.ts";

/**
 * softmax(q·kᵀ/√D)·v with some keys hidden.
 *
 * @param query   (B, K, R, D): R rows of queries for each of K key heads
 * @param key     (B, K, S, D), S a multiple of `numerics.keyMultiple`
 * @param value   (B, K, S, D)
 * @param hidden  bool, broadcastable to (B, K, R, S): true where a query may not look
 * @returns (B, K, R, D)
 */
export function attend(
  query: Tensor,
  { key, value, hidden }: { readonly key: Tensor; readonly value: Tensor; readonly hidden: Tensor },
  numerics: Numerics,
): Tensor {
  return tidy(() => {
    const [batch = 0, keyHeads = 0, rows = 0, headSize = 0] = query.shape;
    const keys = key.size(2);
    const padded = padRows(query, roundUp(rows, numerics.queryMultiple)); // (B, K, R', D)
    const allRows = padded.size(2);
    const flat = padded.mul(1 / Math.sqrt(headSize)).reshape([batch * keyHeads, allRows, headSize]);
    const flatKeys = key.reshape([batch * keyHeads, keys, headSize]);
    const flatValues = value.reshape([batch * keyHeads, keys, headSize]);
    const scores = flat.bmm(flatKeys.transpose(1, 2)).view([batch, keyHeads, allRows, keys]);
    const visibleRows = hidden.size(2) === 1 || hidden.size(2) === allRows ? hidden : padRows(hidden, allRows);
    const masked = scores.maskedFill(visibleRows, Number.NEGATIVE_INFINITY);
    const weights = masked
      .softmax(-1, "float32")
      .to(query.dtype)
      .view([batch * keyHeads, allRows, keys]);
    // Weights are split, not narrowed: backward, one joining of the parts, where each narrowing adds zeros of full size.
    const chunk = Math.min(numerics.keyChunk, keys);
    const mixed = weights
      .split(chunk, 2)
      .map((part, i) => part.bmm(flatValues.narrow(1, i * chunk, part.size(2))))
      .reduce((sum, part) => sum.add(part));
    return mixed.view([batch, keyHeads, allRows, headSize]).narrow(2, 0, rows);
  });
}

/** Rows of zeros are appended; what they give is cut off again. A hidden row of false keeps softmax finite. */
function padRows(x: Tensor, rows: number): Tensor {
  const missing = rows - x.size(2);
  if (missing === 0) return x;
  const [batch = 0, heads = 0, , width = 0] = x.shape;
  return cat([x, zeros([batch, heads, missing, width], { dtype: x.dtype, device: x.device })], 2);
}
