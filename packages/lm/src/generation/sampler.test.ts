import { fromTypedArray, liveTensorCount, tensor, tidy } from "@zerosearch/torch";
import { expect, test } from "vitest";
import { resolveSampling, type SamplingOptions } from "./request.ts";
import { sampleTokens } from "./sampler.ts";
import { uniform } from "./uniform.ts";

/** Probabilities .5, .25, .15, .1 */
const LOGITS = [0.5, 0.25, 0.15, 0.1].map(Math.log);

function sample(
  options: SamplingOptions,
  place: number,
  seen: number[] = [],
): { id: number; logProb: number; fullLogProb: number } {
  return tidy(() => {
    const [token] = sampleTokens(tensor([LOGITS]), [
      { sampling: resolveSampling(options), uniform: uniform(1, place), seen },
    ]);
    if (!token) throw new Error("no token");
    return token;
  });
}

function frequencies(options: SamplingOptions, draws = 4000): number[] {
  return tidy(() => {
    const rows = Array.from({ length: draws }, (_, i) => ({
      sampling: resolveSampling(options),
      uniform: uniform(9, i),
      seen: [],
    }));
    const counts = [0, 0, 0, 0];
    for (const { id } of sampleTokens(tensor(rows.map(() => LOGITS)), rows)) counts[id] = (counts[id] ?? 0) + 1;
    return counts.map((count) => count / draws);
  });
}

test("tokens come as often as their probabilities say, temperature applied", () => {
  const before = liveTensorCount();
  // 5 standard deviations of √(p(1−p)/4000) ≤ .04
  for (const [i, p] of [0.5, 0.25, 0.15, 0.1].entries()) expect(frequencies({})[i]).toBeCloseTo(p, 1.4);
  const squared = [0.25, 0.0625, 0.0225, 0.01].map((p) => p / 0.345); // temperature ½ squares the odds
  for (const [i, p] of squared.entries())
    expect(Math.abs((frequencies({ temperature: 0.5 })[i] ?? 0) - p)).toBeLessThan(0.04);
  expect(liveTensorCount()).toBe(before);
});

test.each([64, 100, 131, 192, 1024])(
  "of %i tokens it draws the one at which the sum of the probabilities before it exceeds the number",
  (size) => {
    const logits = Float32Array.from({ length: size }, (_, i) => 12 * uniform(3, i)); // from e⁻¹² to 1
    const weights = Array.from(logits, Math.exp);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const rows = Array.from({ length: 500 }, (_, i) => ({
      sampling: resolveSampling({}),
      uniform: uniform(5, i),
      seen: [],
    }));
    const drawn = tidy(() => sampleTokens(fromTypedArray(logits, [1, size]).expand([rows.length, size]), rows));
    for (const [i, { id }] of drawn.entries()) {
      const number = rows[i]?.uniform ?? Number.NaN;
      const before = weights.slice(0, id).reduce((sum, weight) => sum + weight, 0) / total;
      expect(before).toBeLessThan(number + 1e-6);
      expect(before + (weights[id] ?? 0) / total).toBeGreaterThan(number - 1e-6);
    }
  },
);

test("a token of no probability is never drawn, even for the smallest and the largest number", () => {
  const size = 256;
  for (let seed = 0; seed < 50; seed++) {
    const logits = Float32Array.from({ length: size }, (_, i) =>
      i % 64 < 20 || i % 64 >= 50 || i >= 192 ? Number.NEGATIVE_INFINITY : 6 * uniform(seed, i),
    );
    const numbers = [0, 1 - 2 ** -53, ...Array.from({ length: 20 }, (_, i) => uniform(seed, 1000 + i))];
    const rows = numbers.map((number) => ({ sampling: resolveSampling({}), uniform: number, seen: [] }));
    const drawn = tidy(() => sampleTokens(fromTypedArray(logits, [1, size]).expand([rows.length, size]), rows));
    for (const { id, fullLogProb } of drawn) expect(fullLogProb, `token ${id}`).toBeGreaterThan(-30);
  }
});

test("topK, topP and minP leave the tokens they should", () => {
  const seen = (options: SamplingOptions): boolean[] => frequencies(options, 1000).map((share) => share > 0);
  expect(seen({ topK: 1 })).toEqual([true, false, false, false]);
  expect(seen({ topK: 3 })).toEqual([true, true, true, false]);
  expect(seen({ topP: 0.5 })).toEqual([true, false, false, false]);
  expect(seen({ topP: 0.6 })).toEqual([true, true, false, false]);
  expect(seen({ minP: 0.29 })).toEqual([true, true, true, false]);
  expect(seen({ minP: 0.21 })).toEqual([true, true, true, false]);
  expect(seen({ minP: 1 })).toEqual([true, false, false, false]);
});

test("both log-probabilities are reported: under the truncated distribution and under the whole one", () => {
  for (let place = 0; place < 20; place++) {
    const { id, logProb, fullLogProb } = sample({ topK: 2 }, place);
    expect(Math.exp(logProb)).toBeCloseTo([2 / 3, 1 / 3][id] ?? Number.NaN, 6);
    expect(Math.exp(fullLogProb)).toBeCloseTo([0.5, 0.25][id] ?? Number.NaN, 6);
  }
});

test("temperature 0 takes the likeliest token, surely", () => {
  expect(sample({ temperature: 0 }, 3)).toMatchObject({ id: 0, logProb: 0 });
  expect(Math.exp(sample({ temperature: 0 }, 3).fullLogProb)).toBeCloseTo(0.5, 6);
});

test("the repetition penalty divides positive logits and multiplies negative ones", () => {
  tidy(() => {
    const sampling = resolveSampling({ repetitionPenalty: 2 });
    const row = { sampling, uniform: 0, seen: [0, 2, 2] };
    const [token] = sampleTokens(tensor([[2, 1.5, -1, -2]]), [row]);
    // logits become 1, 1.5, −2, −2; a number of 0 draws the first token
    const total = [1, 1.5, -2, -2].reduce((sum, logit) => sum + Math.exp(logit), 0);
    expect(token?.id).toBe(0);
    expect(Math.exp(token?.logProb ?? 0)).toBeCloseTo(Math.E / total, 6);
  });
});

test("rows follow their own rules side by side", () => {
  tidy(() => {
    const options: SamplingOptions[] = [{ temperature: 0 }, { topK: 1 }, {}, { temperature: 2, topP: 0.9 }];
    const rows = options.map((one, i) => ({ sampling: resolveSampling(one), uniform: uniform(4, i), seen: [] }));
    const together = sampleTokens(tensor(rows.map(() => LOGITS)), rows);
    const apart = rows.map((row) => sampleTokens(tensor([LOGITS]), [row])[0]);
    expect(together).toEqual(apart);
  });
});

test("uniform numbers fill [0, 1) evenly and differ for neighbouring seeds and places", () => {
  const bins = new Array<number>(20).fill(0);
  for (let seed = 0; seed < 100; seed++) {
    for (let place = 0; place < 200; place++) {
      const value = uniform(seed, place);
      expect(value >= 0 && value < 1).toBe(true);
      bins[Math.floor(20 * value)] = (bins[Math.floor(20 * value)] ?? 0) + 1;
    }
  }
  // 20,000 draws in 20 bins: χ² with 19 degrees of freedom stays below 43.8 in 999 of 1,000 cases
  expect(bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(43.8);
  expect(new Set([uniform(1, 0), uniform(0, 1), uniform(2 ** 40, 0), uniform(0, 0)]).size).toBe(4);
});
