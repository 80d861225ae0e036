/**
 * Drawing by inverting the cumulative distribution: a row's token is the one at which the sum of the probabilities, taken in
 * order, exceeds the row's number. First the block of tokens that it falls into, then the token there, so that only the sums
 * of blocks and one block a row leave the device. They are added up in float64, so that small ones count.
 */
import { fromTypedArray, type Tensor, tidy } from "@zerosearch/torch";

/**
 * @param probabilities  float32 (n, V)
 * @param uniforms  what decides, in [0, 1), one for each row
 * @returns a token of each row, never one of no probability; it depends on that row alone
 */
export function draw(probabilities: Tensor, uniforms: readonly number[]): number[] {
  return tidy(() => {
    const size = blockSize(probabilities.size(-1));
    const blocks = probabilities.view([-1, size]); // (n · V/b, b)
    const sums = elements(blocks.sum(-1));
    const perRow = sums.length / uniforms.length;
    const places = uniforms.map((uniform, row) => invert(sums.subarray(row * perRow, (row + 1) * perRow), uniform));
    const chosen = BigInt64Array.from(places, ({ index }, row) => BigInt(row * perRow + index));
    const device = probabilities.device;
    const inside = elements(blocks.indexSelect(0, fromTypedArray(chosen, [chosen.length], { device }))); // n · b
    return places.map(({ index, share }, row) => {
      const block = inside.subarray(row * size, (row + 1) * size);
      return index * size + invert(block, share).index;
    });
  });
}

/** Where weights, added up in order, exceed a share in [0, 1] of their sum, and how much of the weight there is below it. */
function invert(weights: Float32Array, share: number): { readonly index: number; readonly share: number } {
  let total = 0;
  for (const weight of weights) total += weight;
  const target = share * total;
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

function elements(x: Tensor): Float32Array {
  return x.toTypedArray() as Float32Array;
}

/** The smallest divisor of a vocabulary's size from its root on: as many blocks as tokens in them, about. */
function blockSize(vocabularySize: number): number {
  let size = Math.ceil(Math.sqrt(vocabularySize));
  while (vocabularySize % size !== 0) size++;
  return size;
}
