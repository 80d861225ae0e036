/**
 * Drawing by inverting the cumulative distribution: a row's token is the one at which the sum of the probabilities, taken in
 * order, exceeds the row's number. First the block of tokens that it falls into, then the token there, so that only the sums
 * of blocks, what is left over beside them and one block a row leave the device. They are added up in float64, so that small
 * ones count.
 */
import { arange, fromTypedArray, type Tensor, tidy } from "@zerosearch/torch";

/**
 * @param probabilities  float32 (n, V)
 * @param uniforms  what decides, in [0, 1), one for each row
 * @returns a token of each row, never one of no probability; it depends on that row alone
 */
export function draw(probabilities: Tensor, uniforms: readonly number[]): number[] {
  return tidy(() => {
    const vocabulary = probabilities.size(-1);
    const size = blockSize(vocabulary);
    const weights = blockWeights(probabilities, size);
    const places = weights.map((row, index) => invert(row, uniforms[index] ?? 0));
    // The last block may be shorter: then as many tokens before it are read with it.
    const starts = places.map(({ index }) => Math.min(index * size, vocabulary - size));
    const blocks = blocksFrom(probabilities, starts, size);
    return places.map(({ index, share }, row) => {
      const skipped = index * size - (starts[row] ?? 0);
      return index * size + invert(blocks.subarray(row * size + skipped, (row + 1) * size), share).index;
    });
  });
}

/** What each row's blocks add up to, and after them what is left over. */
function blockWeights(probabilities: Tensor, size: number): Float32Array[] {
  const [rows, vocabulary] = [probabilities.size(0), probabilities.size(-1)];
  const count = Math.floor(vocabulary / size);
  const whole = probabilities.narrow(-1, 0, count * size).view([rows, count, size]); // (n, V/b, b)
  const sums = elements(whole.sum(-1));
  // Added up here, in order: a device may add up a few sums in another order than many.
  const left = vocabulary - count * size;
  const rest = left === 0 ? new Float32Array(0) : elements(probabilities.narrow(-1, count * size, left));
  return Array.from({ length: rows }, (_, row) => {
    const weights = new Float32Array(count + 1);
    weights.set(sums.subarray(row * count, (row + 1) * count));
    weights[count] = sum(rest.subarray(row * left, (row + 1) * left));
    return weights;
  });
}

/** So many probabilities of each row from its start on, row by row. */
function blocksFrom(probabilities: Tensor, starts: readonly number[], size: number): Float32Array {
  const { device } = probabilities;
  const first = fromTypedArray(BigInt64Array.from(starts, BigInt), [starts.length, 1], { device });
  return elements(probabilities.gather(-1, first.add(arange(0, size, 1, { device })))); // n · b
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
