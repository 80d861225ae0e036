/**
 * Drawing by inverting the cumulative distribution: a row's token is the one at which the sum of the probabilities, taken in
 * order, exceeds the row's number. First the block of tokens that it falls into, then the token there, so that only the sums
 * of blocks, what is left over beside them and one block a row leave the device. They are added up in float64, so that small
 * ones count.
 */
import { type Tensor, tidy } from "@zerosearch/torch";
import { int64 } from "../nn/int64.ts";

/**
 * @param probabilities  float32 (n, V)
 * @param uniforms  what decides, in [0, 1), one for each row
 * @returns a token of each row, never one of no probability; it depends on that row alone
 */
export function draw(probabilities: Tensor, uniforms: readonly number[]): number[] {
  return tidy(() => {
    const vocabulary = probabilities.size(-1);
    const size = blockSize(vocabulary);
    const count = Math.floor(vocabulary / size);
    const blocks = probabilities.narrow(-1, 0, count * size).view([-1, count, size]); // (n, V/b, b)
    const sums = elements(blocks.sum(-1));
    const leftOver = elementsFrom(probabilities, count * size);
    const places = uniforms.map((uniform, row) => {
      const own = rowOf(sums, row, uniforms.length);
      // Added up here, in order: a device may add up a few numbers in another order than many.
      return invert(leftOver.length === 0 ? own : append(own, sum(rowOf(leftOver, row, uniforms.length))), uniform);
    });
    const chosen = blocksAt(
      blocks,
      places.map(({ index }) => Math.min(index, count - 1)),
    );
    return places.map(({ index, share }, row) => {
      const inside = rowOf(index === count ? leftOver : chosen, row, uniforms.length);
      return index * size + invert(inside, share).index;
    });
  });
}

/** One block of each row, one after the other. */
function blocksAt(blocks: Tensor, indices: readonly number[]): Float32Array {
  const index = int64(indices, blocks.device, [indices.length, 1, 1]);
  return elements(blocks.gather(1, index.expand([-1, -1, blocks.size(-1)])));
}

/** What stands in the rows of (n, V) from a place on, row by row. */
function elementsFrom(x: Tensor, start: number): Float32Array {
  const length = x.size(-1) - start;
  return length === 0 ? new Float32Array(0) : elements(x.narrow(-1, start, length));
}

function rowOf(values: Float32Array, row: number, rows: number): Float32Array {
  const length = values.length / rows;
  return values.subarray(row * length, (row + 1) * length);
}

function append(values: Float32Array, last: number): Float32Array {
  const longer = new Float32Array(values.length + 1);
  longer.set(values);
  longer[values.length] = last;
  return longer;
}

/** Where weights, added up in order, exceed a share in [0, 1] of their sum, and how much of the weight there is below it. */
function invert(weights: Float32Array, share: number): { readonly index: number; readonly share: number } {
  const target = share * sum(weights);
  let before = 0;
  let last = 0;
  for (let index = 0; index < weights.length; index++) {
    const weight = weights[index] ?? 0;
    if (weight === 0) continue;
    if (before + weight > target) return { index, share: (target - before) / weight };
    before += weight;
    last = index;
  }
  return { index: last, share: 1 }; // rounding let none exceed it
}

function sum(weights: Float32Array): number {
  let total = 0;
  for (const weight of weights) total += weight;
  return total;
}

function elements(x: Tensor): Float32Array {
  return x.toTypedArray() as Float32Array;
}

/** The power of two next to a vocabulary's root: about as many blocks as tokens in them, whatever divides the size. */
function blockSize(vocabularySize: number): number {
  return 2 ** Math.ceil(Math.log2(vocabularySize) / 2);
}
