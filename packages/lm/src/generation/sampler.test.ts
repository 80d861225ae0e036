import { fromTypedArray, Generator, liveTensorCount, randn, type Tensor, tensor, tidy } from "@zerosearch/torch";
import { describe, expect, test } from "vitest";
import { SamplingError } from "../errors.ts";
import { draw } from "./draw.ts";
import { resolveSampling, type SampledToken, type SamplingOptions } from "./request.ts";
import { type SamplingRow, sampleTokens } from "./sampler.ts";
import { uniform } from "./uniform.ts";

/** Probabilities .5, .25, .15, .1 */
const LOGITS = [0.5, 0.25, 0.15, 0.1].map(Math.log);

/** The tokens of rows that all have one. */
function tokensOf(logits: Tensor, rows: readonly SamplingRow[]): SampledToken[] {
  return sampleTokens(logits, rows).map((token) => {
    if (token instanceof SamplingError) throw token;
    return token;
  });
}

function sample(options: SamplingOptions, place: number, seen: number[] = []): SampledToken {
  return tidy(() => {
    const [token] = tokensOf(tensor([LOGITS]), [
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
    for (const { id } of tokensOf(tensor(rows.map(() => LOGITS)), rows)) counts[id] = (counts[id] ?? 0) + 1;
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

test.each([2, 64, 100, 131, 192, 1024, 1031])(
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
    const drawn = tidy(() => tokensOf(fromTypedArray(logits, [1, size]).expand([rows.length, size]), rows));
    for (const [i, { id }] of drawn.entries()) {
      const number = rows[i]?.uniform ?? Number.NaN;
      const before = weights.slice(0, id).reduce((sum, weight) => sum + weight, 0) / total;
      expect(before).toBeLessThan(number + 1e-6);
      expect(before + (weights[id] ?? 0) / total).toBeGreaterThan(number - 1e-6);
    }
  },
);

// Blocks are of 16 tokens: 250 leaves 10 of them over.
test.each([256, 250])(
  "of %i tokens one of no probability is never drawn, even for the smallest and the largest number",
  (size) => {
    for (let seed = 0; seed < 50; seed++) {
      const first = seed % 2 === 0 ? 192 : size; // with and without probabilities in the last block
      const logits = Float32Array.from({ length: size }, (_, i) =>
        i % 64 < 20 || i % 64 >= 58 || i >= first ? Number.NEGATIVE_INFINITY : 6 * uniform(seed, i),
      );
      const numbers = [0, 1 - 2 ** -53, ...Array.from({ length: 20 }, (_, i) => uniform(seed, 1000 + i))];
      const rows = numbers.map((number) => ({ sampling: resolveSampling({}), uniform: number, seen: [] }));
      const drawn = tidy(() => tokensOf(fromTypedArray(logits, [1, size]).expand([rows.length, size]), rows));
      for (const { id, fullLogProb } of drawn) expect(fullLogProb, `token ${id}`).toBeGreaterThan(-30);
    }
  },
);

test.each([160, 8192, 8209, 151_937])(
  "of %i tokens a row's is the one it has alone, whatever runs beside it",
  (size) => {
    using generator = new Generator(6);
    tidy(() => {
      const probabilities = randn([9, size], { generator }).mul(4).softmax(-1);
      const numbers = Array.from({ length: 9 }, (_, row) => uniform(8, row));
      const alone = numbers.map((number, row) => draw(probabilities.narrow(0, row, 1), [number])[0]);
      expect(draw(probabilities, numbers)).toEqual(alone);
      expect(new Set(alone).size).toBeGreaterThan(5);
    });
  },
);

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
    const [token] = tokensOf(tensor([[2, 1.5, -1, -2]]), [row]);
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
    const together = tokensOf(tensor(rows.map(() => LOGITS)), rows);
    const apart = rows.map((row) => tokensOf(tensor([LOGITS]), [row])[0]);
    expect(together).toEqual(apart);
  });
});

test("the lowest temperature takes the likeliest token, and its log-probability is 0", () => {
  for (let place = 0; place < 20; place++) {
    expect(sample({ temperature: 1e-6 }, place)).toEqual({ id: 0, logProb: 0, fullLogProb: 0 });
  }
});

describe("logits that are no numbers to draw by", () => {
  const { NaN: nan, POSITIVE_INFINITY: infinity, NEGATIVE_INFINITY: never } = Number;
  const OPTIONS: SamplingOptions[] = [
    {},
    { temperature: 0 },
    { topP: 0.9, temperature: 0.7 },
    { repetitionPenalty: 2 },
  ];
  const rowsOf = (options: SamplingOptions, count: number): SamplingRow[] =>
    Array.from({ length: count }, (_, i) => ({
      sampling: resolveSampling(options),
      uniform: uniform(2, i),
      seen: [1],
    }));

  test.each([
    ["one NaN", [0, nan, 1, 2], "NaN"],
    ["nothing but NaN", [nan, nan, nan, nan], "NaN"],
    ["∞", [0, infinity, 1, 2], "Infinity"],
    ["−∞ for every token", [never, never, never, never], "-Infinity"],
  ])("%s: the row fails, those beside it get what they get alone", (_, wrong, seen) => {
    for (const options of OPTIONS) {
      tidy(() => {
        const rows = rowsOf(options, 3);
        const [first, failed, last] = sampleTokens(tensor([LOGITS, wrong, LOGITS]), rows);
        expect(failed).toBeInstanceOf(SamplingError);
        expect(String(failed)).toMatch(
          new RegExp(`largest of 4 logits is ${seen}, expected .*float32 instead of float16`),
        );
        const alone = [0, 2].map((row) => tokensOf(tensor([LOGITS]), rows.slice(row, row + 1))[0]);
        expect([first, last]).toEqual(alone);
      });
    }
  });

  test("float16's overflow is told as it is", () => {
    const [failed] = tidy(() => sampleTokens(tensor([[1, 70_000]]).to("float16"), rowsOf({}, 1)));
    expect(String(failed)).toMatch(/largest of 2 logits is Infinity/);
  });

  test.each<[string, SamplingOptions, number]>([
    ["the temperature", { temperature: 1e-6 }, 2 ** 120],
    ["the repetition penalty", { repetitionPenalty: 1e-3 }, 2 ** 120],
    ["the temperature, though not after the penalty", { temperature: 1e-6, repetitionPenalty: 1e3 }, 2 ** 110],
  ])("a logit that leaves float32 by %s fails the row", (_, options, logit) => {
    const [failed] = tidy(() => sampleTokens(tensor([[1, logit]]), rowsOf(options, 1))); // float32 ends at 2^128
    expect(String(failed)).toContain(
      `is ${logit}, expected a number that stays finite with temperature and repetition penalty applied`,
    );
  });

  test("−∞ for some tokens keeps them from coming", () => {
    for (const options of OPTIONS) {
      tidy(() => {
        const rows = rowsOf(options, 50);
        const tokens = tokensOf(tensor(rows.map(() => [never, 1, never, 1.5])), rows);
        for (const { id, logProb } of tokens) {
          expect([1, 3]).toContain(id);
          expect(logProb).toBeGreaterThan(-10);
        }
      });
    }
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
