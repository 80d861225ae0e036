/**
 * Element by element, and yet with the same bits for a row whatever stands beside it. The loops of libtorch's kernels take many
 * elements at a time and compute what is left over by other code; beyond a size they are cut for threads, wherever an equal
 * share ends. So what is large is computed in slices of whole rows that no thread cuts.
 */
import { cat, getThreads, type Tensor } from "@zerosearch/torch";

/** Elements at a time; none is left over of a multiple of them. */
export const ELEMENTS_PER_TURN = 64;

/** What libtorch computes on one thread. */
const SERIAL_ELEMENTS = 32_768;

/**
 * @param tensors  (N, …) each; the first is the largest
 * @param compute  element by element, of rows of each
 * @param serialElements  below how many elements the operator is not cut
 * @returns (N, …)
 */
export function onWholeRows<Tensors extends readonly [Tensor, ...Tensor[]]>(
  tensors: Tensors,
  compute: (...rows: Tensors) => Tensor,
  serialElements: number = SERIAL_ELEMENTS,
): Tensor {
  const [rows = 0, ...rest] = tensors[0].shape;
  const width = rest.reduce((product, size) => product * size, 1);
  if (rows * width <= serialElements || getThreads() === 1) return compute(...tensors);
  const step = ELEMENTS_PER_TURN / greatestCommonDivisor(width, ELEMENTS_PER_TURN);
  const sliceRows = Math.max(1, Math.floor(serialElements / width / step)) * step;
  const parts = tensors.map((tensor) => tensor.split(sliceRows, 0));
  const slices = Array.from({ length: Math.ceil(rows / sliceRows) }, (_, i) => parts.map((part) => part[i]));
  return cat(
    slices.map((slice) => compute(...(slice as unknown as Tensors))),
    0,
  );
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
