/** Batched products whose elements are each summed in a stated order, whatever stands beside them. */
import { orderedBmm as op } from "./ops.generated.ts";
import type { Summation } from "./summation.ts";
import type { Tensor } from "./tensor.ts";

/**
 * left · right, matrix by matrix; not differentiable. Right matrices whose rows are contiguous are read where they lie,
 * if the rows are a multiple of 32 long, and copied otherwise.
 *
 * @param left   float32 `[B, rows, inputs]` on the CPU
 * @param right  float32 `[B, inputs, outputs]` on the CPU
 * @param summation  how each element is summed; the parts' lengths are `inputs` together
 * @returns `[B, rows, outputs]`
 * @throws {TorchError} shapes do not fit, the parts are not all inputs, or a gradient is asked for
 */
export function orderedBmm(left: Tensor, right: Tensor, { parts, isFused }: Summation): Tensor {
  return op(left, right, parts, isFused);
}
