/**
 * Many random numbers from one seed: xoshiro128** (Blackman & Vigna 2021), whose state a splitmix32 fills. Keyed draws
 * hash each number, which is too slow for the millions that resampling takes.
 */

/**
 * @param seed  whole, in [0, 2⁵³)
 * @returns a function that gives the next number in [0, 1), with 32 random bits
 */
export function xoshiro128(seed: number): () => number {
  const fill = splitMix32((seed % 2 ** 32) ^ Math.floor(seed / 2 ** 32));
  let [a, b, c, d] = [fill(), fill(), fill(), fill()];
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result / 2 ** 32;
  };
}

function splitMix32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
