import { expect, test } from "vitest";
import { bootstrapMean, mcNemarExact, pairedPermutationTest, wilsonInterval } from "./statistics.ts";
import { xoshiro128 } from "./statistics-random.ts";

test.each([
  [12345, [1093274547, 203003357, 3741353573, 3803725158, 4178738660]],
  [Number.MAX_SAFE_INTEGER, [570435069, 4236407490, 3801046872, 3398818070, 2485316483]],
])("random numbers of seed %i are those of the algorithm written in Python's whole numbers", (seed, expected) => {
  const random = xoshiro128(seed);
  expect(expected.map(() => random() * 2 ** 32)).toEqual(expected);
});

/** Python: the roots of (p − p̂)² = z²·p(1 − p)/n by bisection, z from statistics.NormalDist. */
test.each([
  [8, 10, 0.95, 0.49016247153664183, 0.9433178485456248],
  [1, 29, 0.95, 0.006113214292762662, 0.17175521879320285],
  [0, 10, 0.95, 0, 0.27753279986288915],
  [10, 10, 0.95, 0.7224672001371109, 1],
  [170, 500, 0.99, 0.28784468819387193, 0.3963460355927661],
  [3, 7, 0.9, 0.18644319036395607, 0.710522908986407],
] as const)("Wilson's interval of %i out of %i at %d", (...row) => {
  const [successes, trials, level, low, high] = row;
  const interval = wilsonInterval(successes, trials, level);
  expect(interval.value).toBe(successes / trials);
  expect(interval.low).toBeCloseTo(low, 14);
  expect(interval.high).toBeCloseTo(high, 14);
});

/** Python: 2·Σ comb(n, k) / 2ⁿ in fractions. */
test.each([
  [0, 0, 1],
  [5, 5, 1],
  [1, 9, 0.021484375],
  [9, 1, 0.021484375],
  [0, 6, 0.03125],
  [10, 25, 0.01667384780012071],
  [700, 800, 0.010559255466711544],
  [2000, 2300, 5.079935568924032e-6],
])("McNemar's test of %i against %i", (onlyFirst, onlySecond, expected) => {
  expect(mcNemarExact(onlyFirst, onlySecond) / expected).toBeCloseTo(1, 9);
});

test("few questions: the permutation test tries every way to flip signs", () => {
  // Python: 32 of the 128 sums of itertools.product((1, -1), repeat=7), in fractions, are as large.
  const result = pairedPermutationTest([1, 1, 0, 1, 0.5, 1, 0.25], [0, 1, 0, 0, 1, 0.5, 0], { seed: 1 });
  expect(result).toEqual({ difference: 2.25 / 7, pValue: 0.25 });
});

test("scores that are equal on paper but not in their last bits count as equal", () => {
  // 0.1 + 0.2 is not 0.3: of the four ways to flip, the two of largest sum are as large as themselves.
  expect(pairedPermutationTest([0.1 + 0.2, 0.3], [0, 0], { seed: 1 }).pValue).toBe(0.5);
});

test("equal systems have p-value 1, many equal wins the smallest there is", () => {
  expect(pairedPermutationTest([1, 0], [1, 0], { seed: 1 })).toEqual({ difference: 0, pValue: 1 });
  const wins = pairedPermutationTest(Array(60).fill(1), Array(60).fill(0), { seed: 1, permutations: 999 });
  expect(wins).toEqual({ difference: 1, pValue: 1 / 1000 });
});

test("many questions: for wins and losses of one size, tossing agrees with McNemar's exact test", () => {
  const first = [...Array<number>(15).fill(1), ...Array<number>(5).fill(0), ...Array<number>(80).fill(1)];
  const second = [...Array<number>(15).fill(0), ...Array<number>(5).fill(1), ...Array<number>(80).fill(1)];
  const { difference, pValue } = pairedPermutationTest(first, second, { seed: 3 });
  expect(difference).toBeCloseTo(0.1, 12);
  // Four standard errors of a share of 0.04 in 10,000 tosses.
  expect(Math.abs(pValue - mcNemarExact(15, 5))).toBeLessThan(0.008);
});

test("a bootstrap interval: of equal values a point, of two values all they span", () => {
  expect(bootstrapMean([3, 3, 3], { seed: 1 })).toEqual({ value: 3, low: 3, high: 3 });
  // Resampled means are 0, ½ and 1 with probabilities ¼, ½, ¼.
  expect(bootstrapMean([0, 1], { seed: 1 })).toEqual({ value: 0.5, low: 0, high: 1 });
  expect(bootstrapMean([0, 1], { seed: 1, level: 0.4 })).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
});

test("a bootstrap interval of many values is that of the normal distribution, and depends on the seed only", () => {
  const values = Array.from({ length: 400 }, (_, index) => index % 4);
  const interval = bootstrapMean(values, { seed: 7 });
  // Mean 1.5, variance 1.25, standard error √(1.25/400) = 0.0559.
  expect(interval.value).toBe(1.5);
  expect(Math.abs(interval.low - (1.5 - 1.96 * 0.0559))).toBeLessThan(0.006);
  expect(Math.abs(interval.high - (1.5 + 1.96 * 0.0559))).toBeLessThan(0.006);
  expect(bootstrapMean(values, { seed: 7 })).toEqual(interval);
  expect(bootstrapMean(values, { seed: 8 })).not.toEqual(interval);
});

test.each([
  ["no values", () => bootstrapMean([], { seed: 1 })],
  ["what is no number", () => bootstrapMean([1, Number.NaN], { seed: 1 })],
  ["a level of 1", () => bootstrapMean([1], { seed: 1, level: 1 })],
  ["no resamples", () => bootstrapMean([1], { seed: 1, resamples: 0 })],
  ["no trials", () => wilsonInterval(0, 0)],
  ["more successes than trials", () => wilsonInterval(2, 1)],
  ["scores of different questions", () => pairedPermutationTest([1], [1, 2], { seed: 1 })],
  ["half a question", () => mcNemarExact(0.5, 1)],
])("%s is refused", (_, run) => {
  expect(run).toThrow(RangeError);
});
