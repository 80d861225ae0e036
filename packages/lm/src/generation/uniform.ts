/**
 * The random number behind each token: a pure function of the request's seed and the token's place, so that neither
 * what runs beside a request nor the order of steps can change what it draws.
 */

/** MurmurHash3's finaliser (Appleby, public domain): every bit of the input reaches every bit of the output. */
function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * A number in [0, 1) with 53 random bits.
 *
 * @param seed   a safe integer ≥ 0
 * @param place  which draw of the seed's stream, an integer ≥ 0
 */
export function uniform(seed: number, place: number): number {
  const low = mix((seed >>> 0) ^ 0x9e3779b9);
  const high = mix(low ^ mix(Math.floor(seed / 2 ** 32)));
  const first = mix(high ^ mix(place + 0x7f4a7c15));
  const second = mix(first ^ mix(place ^ 0x94d049bb) ^ low);
  return ((first >>> 5) * 2 ** 26 + (second >>> 6)) / 2 ** 53;
}
