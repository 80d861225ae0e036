/** Picking parts of a tensor with one call: numbers, ranges, new dimensions, tensors of positions. */
import { ArgumentError } from "./errors.ts";
import type { Tensor } from "./tensor.ts";
import { TensorHandle } from "./tensor-handle.ts";

/** A range of positions: from `start` (0 when null) up to but without `end` (the size when null), by steps of `step`. */
export type Range = readonly [start?: number | null, end?: number | null, step?: number];

/** One index: a position, a range, a new dimension (`null`), all dimensions in between (`"..."`), or a tensor. */
export type Index = number | Range | null | "..." | Tensor;

/**
 * Applies the indices from left to right; dimensions not named are taken whole. Intermediate views are freed.
 *
 * @throws {ArgumentError} more indices than dimensions, or two `"..."`
 */
export function indexTensor(tensor: Tensor, indices: readonly Index[]): Tensor {
  const consumed = indices.filter((index) => index !== null && index !== "...").length;
  const ellipses = indices.filter((index) => index === "...").length;
  if (ellipses > 1) throw new ArgumentError('at(): "..." can stand only once');
  if (consumed > tensor.ndim) {
    throw new ArgumentError(`at(): ${consumed} indices for a tensor with ${tensor.ndim} dimensions`);
  }
  let current = tensor.expand(tensor.shape); // a view of its own, to be freed like those that follow
  let dim = 0;
  const picked: (Tensor | null)[] = [];
  const step = (next: Tensor): void => {
    current.dispose();
    current = next;
  };
  try {
    for (const index of indices) {
      if (index === "...") dim += tensor.ndim - consumed;
      else if (index === null) step(current.unsqueeze(dim++));
      else if (typeof index === "number") step(current.select(dim, index));
      else if (Array.isArray(index)) step(current.slice(dim++, index[0] ?? null, index[1] ?? null, index[2] ?? 1));
      else if (TensorHandle.handleOf(index) >= 0) picked[dim++] = index as Tensor;
      else
        throw new ArgumentError(
          `at(): an index must be a number, a range, null, "..." or a Tensor, got ${typeof index}`,
        );
    }
    if (picked.length > 0) step(current.index(Array.from(picked, (index) => index ?? null)));
    return current;
  } catch (error) {
    current.dispose();
    throw error;
  }
}
