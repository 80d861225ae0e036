/**
 * A fast sequence of random numbers for making data. Rollouts draw by key (core/keyed-random.ts); here millions of
 * draws are made in one fixed order, so a small generator that is seeded by a key will do.
 */
import { keyedSeed, type RandomKey } from "@zerosearch/zerosearch";

/** Marsaglia's xorshift with a Weyl sequence, xorwow (2003), on 32-bit words. */
export class RandomStream {
  readonly #state: Uint32Array;
  #weyl = 0;

  /** The same key gives the same sequence on every machine. */
  constructor(key: RandomKey) {
    this.#state = Uint32Array.from({ length: 5 }, (_, word) => (keyedSeed([...key, word]) % 2 ** 32) | 1);
  }

  /** A number in [0, 1) with 32 random bits. */
  uniform(): number {
    const state = this.#state;
    let last = state[4] ?? 0;
    const first = state[0] ?? 0;
    state.copyWithin(1, 0, 4);
    last ^= last >>> 2;
    last ^= last << 1;
    last ^= first ^ (first << 4);
    state[0] = last;
    this.#weyl = (this.#weyl + 362437) >>> 0;
    return ((last + this.#weyl) >>> 0) / 2 ** 32;
  }

  /** An integer in [0, bound). */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** One of the items. @throws {RangeError} there is none */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError("pick needs at least one item, got none");
    return item;
  }

  /** A key of `shares`, in proportion to its share; the shares need not add up to one. */
  pickByShare<K extends string>(shares: Readonly<Partial<Record<K, number>>>): K {
    const entries = Object.entries(shares) as [K, number][];
    let left = this.uniform() * entries.reduce((sum, [, share]) => sum + share, 0);
    for (const [key, share] of entries) {
      left -= share;
      if (left < 0) return key;
    }
    return this.pick(entries.map(([key]) => key));
  }

  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[] {
    const shuffled = [...items];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const chosen = this.below(last + 1);
      const [a, b] = [shuffled[last], shuffled[chosen]];
      if (a !== undefined) shuffled[chosen] = a;
      if (b !== undefined) shuffled[last] = b;
    }
    return shuffled;
  }
}
