/** Large tensors in pages of 2 MiB, where the system has them: fewer addresses to look up while they are read. */
import { adviseLargePages_, empty } from "./ops.generated.ts";
import type { Tensor } from "./tensor.ts";

/** Zeros, float32 on the CPU. */
export function zerosInLargePages(shape: readonly number[]): Tensor {
  const memory = empty(shape);
  adviseLargePages_(memory); // before it is touched
  return memory.zero_();
}
