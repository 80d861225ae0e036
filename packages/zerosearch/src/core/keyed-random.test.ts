import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keyedSeed, keyedShuffle, keyedUniform } from "./keyed-random.ts";

test("a draw is the same for the same key, on every machine", () => {
  // The first eight bytes of SHA-256, little end first, without their lowest 11 bits: by hand from the digest.
  const digest = createHash("sha256").update('[1,"noise","q7"]').digest("hex");
  const bytes = digest.slice(0, 16).match(/../g)?.reverse().join("");
  expect(keyedSeed([1, "noise", "q7"])).toBe(Number(BigInt(`0x${bytes}`) / 2048n));
});

test("keys that differ in type, order or grouping draw differently", () => {
  const seeds = [[1, 2], [2, 1], ["1", 2], [12], ["1,2"]].map(keyedSeed);
  expect(new Set(seeds).size).toBe(seeds.length);
});

test("uniform draws lie in [0, 1) and fill it evenly", () => {
  const draws = Array.from({ length: 20_000 }, (_, index) => keyedUniform(["even", index]));
  expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...draws)).toBeLessThan(1);
  // Chi-squared with 9 degrees of freedom exceeds 33.7 once in 10,000.
  const counts = new Array<number>(10).fill(0);
  for (const draw of draws) counts[Math.floor(draw * 10)] = (counts[Math.floor(draw * 10)] ?? 0) + 1;
  const chiSquared = counts.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
  expect(chiSquared).toBeLessThan(33.7);
});

test("a shuffle keeps every item, leaves its input alone and depends on the key only", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer(), { nil: undefined })), fc.integer(), (items, key) => {
      const before = [...items];
      const shuffled = keyedShuffle(items, [key]);
      expect(items).toEqual(before);
      expect(shuffled).toHaveLength(items.length);
      expect([...shuffled].sort()).toEqual([...items].sort());
      expect(keyedShuffle(items, [key])).toEqual(shuffled);
    }),
  );
});

test("all six orders of three items are about equally frequent", () => {
  const counts = new Map<string, number>();
  for (let key = 0; key < 6000; key++) {
    const order = keyedShuffle(["a", "b", "c"], ["order", key]).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  // Chi-squared with 5 degrees of freedom exceeds 25.7 once in 10,000.
  const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  expect(chiSquared).toBeLessThan(25.7);
});
