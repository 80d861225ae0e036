/** How sure a mean is, and whether two systems differ on the same questions. All draws come from a seed. */
import { keyedSeed } from "./keyed-random.ts";
import { xoshiro128 } from "./statistics-random.ts";

/** A number and the range it may well be in. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  readonly seed: number;
  /** Probability that the interval holds the true mean, in (0, 1). Default 0.95. */
  readonly level?: number;
  /** Default 10,000. */
  readonly resamples?: number;
}

/**
 * The mean and its bootstrap interval, by percentiles (Efron & Tibshirani 1993, section 13.3).
 *
 * @param values  at least one, finite
 * @throws {RangeError}
 */
export function bootstrapMean(
  values: readonly number[],
  { seed, level = 0.95, resamples = 10_000 }: BootstrapOptions,
): Interval {
  checkValues(values);
  if (!(level > 0 && level < 1)) throw new RangeError(`level must lie between 0 and 1, got ${level}`);
  checkCount("resamples", resamples);
  const random = xoshiro128(keyedSeed([seed, "bootstrap"]));
  const means = new Float64Array(resamples);
  for (let sample = 0; sample < resamples; sample++) {
    let sum = 0;
    for (let draw = 0; draw < values.length; draw++) sum += values[Math.floor(random() * values.length)] ?? 0;
    means[sample] = sum / values.length;
  }
  means.sort();
  const tail = (1 - level) / 2;
  return { value: meanOf(values), low: quantile(means, tail), high: quantile(means, 1 - tail) };
}

/** Two-sided quantiles of the standard normal distribution. */
const NORMAL_QUANTILES = { 0.9: 1.6448536269514722, 0.95: 1.959963984540054, 0.99: 2.5758293035489004 } as const;

/**
 * A share and its interval, which stays within [0, 1] and means something at 0 and 1 too (Wilson 1927).
 *
 * @param trials  at least 1
 * @throws {RangeError}
 */
export function wilsonInterval(successes: number, trials: number, level: 0.9 | 0.95 | 0.99 = 0.95): Interval {
  checkCount("trials", trials);
  if (!Number.isInteger(successes) || successes < 0 || successes > trials) {
    throw new RangeError(`successes must be a whole number from 0 to ${trials}, got ${successes}`);
  }
  const z = NORMAL_QUANTILES[level];
  const share = successes / trials;
  const scale = 1 + z ** 2 / trials;
  const centre = (share + z ** 2 / (2 * trials)) / scale;
  const half = (z / scale) * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2));
  // At the ends the bound is the share itself, which rounding would miss.
  const low = successes === 0 ? 0 : Math.max(0, centre - half);
  const high = successes === trials ? 1 : Math.min(1, centre + half);
  return { value: share, low, high };
}

/** A difference and how often chance alone makes one as large, either way. */
export interface PairedTest {
  /** Mean of the first minus mean of the second. */
  readonly difference: number;
  readonly pValue: number;
}

/** Up to here all ways to flip signs are tried: 2¹⁶. */
const MOST_EXACT = 16;

/**
 * The paired permutation test of equal means: under it, which of the two systems got which of a question's scores is a
 * coin's toss. Exact for up to 16 questions on which they differ; beyond that by random tosses, of which the observed one
 * counts as one.
 *
 * @param first   scores by question
 * @param second  of the same questions, in the same order
 * @throws {RangeError}
 */
export function pairedPermutationTest(
  first: readonly number[],
  second: readonly number[],
  { seed, permutations = 10_000 }: { readonly seed: number; readonly permutations?: number },
): PairedTest {
  checkValues(first);
  checkValues(second);
  if (first.length !== second.length) {
    throw new RangeError(`expected scores of the same questions, got ${first.length} and ${second.length}`);
  }
  checkCount("permutations", permutations);
  const differences = first.map((value, index) => value - (second[index] ?? 0));
  const moving = differences.filter((difference) => difference !== 0);
  const observed = Math.abs(sumOf(moving));
  // Sums that are equal on paper may differ in their last bits.
  const isAsLarge = (sum: number) => Math.abs(sum) >= observed - 1e-9 * Math.max(1, observed);
  const isExact = moving.length <= MOST_EXACT;
  const rounds = isExact ? 2 ** moving.length : permutations;
  const random = xoshiro128(keyedSeed([seed, "permutation"]));
  let asLarge = 0;
  for (let round = 0; round < rounds; round++) {
    const isFlipped = isExact ? (index: number) => ((round >> index) & 1) === 1 : () => random() < 0.5;
    if (isAsLarge(moving.reduce((sum, value, index) => sum + (isFlipped(index) ? -value : value), 0))) asLarge++;
  }
  return {
    difference: sumOf(differences) / differences.length,
    pValue: isExact ? asLarge / rounds : (asLarge + 1) / (rounds + 1),
  };
}

/**
 * McNemar's test in its exact form, two-sided: whether questions that only one of two systems got right are more often
 * the one's than the other's.
 *
 * @param onlyFirst   questions that the first got right and the second wrong
 * @param onlySecond  the other way round
 * @returns the p-value
 * @throws {RangeError}
 */
export function mcNemarExact(onlyFirst: number, onlySecond: number): number {
  for (const count of [onlyFirst, onlySecond]) {
    if (!Number.isInteger(count) || count < 0)
      throw new RangeError(`counts must be whole numbers from 0, got ${count}`);
  }
  const tosses = onlyFirst + onlySecond;
  // The binomial tail, term by term in logarithms: 2⁻ⁿ is no double beyond n = 1,074.
  let logTerm = -tosses * Math.LN2;
  let tail = 0;
  for (let heads = 0; heads <= Math.min(onlyFirst, onlySecond); heads++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((tosses - heads) / (heads + 1));
  }
  return Math.min(1, 2 * tail);
}

/** Between the neighbours, as far as the quantile lies between their ranks. */
function quantile(sorted: Float64Array, share: number): number {
  const rank = share * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? 0;
  const above = sorted[Math.ceil(rank)] ?? 0;
  return below + (above - below) * (rank - Math.floor(rank));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function meanOf(values: readonly number[]): number {
  return sumOf(values) / values.length;
}

function checkValues(values: readonly number[]): void {
  if (values.length > 0 && values.every(Number.isFinite)) return;
  throw new RangeError(
    `expected at least one score, all finite; got ${values.length} scores, ${values.filter((value) => !Number.isFinite(value)).length} of them not finite`,
  );
}

function checkCount(name: string, count: number): void {
  if (!Number.isInteger(count) || count < 1)
    throw new RangeError(`${name} must be a whole number from 1, got ${count}`);
}
