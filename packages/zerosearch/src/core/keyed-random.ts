/**
 * Random numbers that are pure functions of what they are for: (seed, step, question, sample, turn, purpose). Which
 * rollout finishes first can't change a draw, and any rollout can be repeated alone.
 */
import { createHash } from "node:crypto";

/** What a draw is for. Different keys give independent draws; the same key gives the same one on every machine. */
export type RandomKey = readonly (string | number)[];

/** A number in [0, 1) with 53 random bits. */
export function keyedUniform(key: RandomKey): number {
  return keyedSeed(key) / 2 ** 53;
}

/** An integer in [0, 2⁵³), to seed what draws many numbers of its own. */
export function keyedSeed(key: RandomKey): number {
  const digest = createHash("sha256").update(JSON.stringify(key)).digest();
  return Number(digest.readBigUInt64LE(0) >> 11n);
}

/** A shuffled copy (Fisher & Yates, Durstenfeld's form). */
export function keyedShuffle<T>(items: readonly T[], key: RandomKey): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const chosen = Math.floor(keyedUniform([...key, last]) * (last + 1));
    // Both are below the length, so what is undefined is an item.
    [shuffled[last], shuffled[chosen]] = [shuffled[chosen] as T, shuffled[last] as T];
  }
  return shuffled;
}
