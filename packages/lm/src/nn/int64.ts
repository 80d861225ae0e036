/** Indices as tensors: BigInt is what JavaScript has for int64. */
import { type Device, fromTypedArray, type Tensor } from "@zerosearch/torch";

/** int64, of one dimension unless a shape says otherwise. In a recorded program it is a constant. */
export function int64(values: readonly number[], device: Device, shape: readonly number[] = [values.length]): Tensor {
  return fromTypedArray(BigInt64Array.from(values, BigInt), shape, { device });
}
