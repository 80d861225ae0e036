import { expect, test } from "vitest";
import { importanceWeights } from "./importance-correction.ts";
import { readGoldenLosses } from "./testing/golden-losses.ts";

const golden = readGoldenLosses();

test.each(golden.importance.map((each) => [`${each.correction.kind} ${each.correction.level}`, each] as const))(
  "%s is PyTorch's",
  (_, { correction, weights }) => {
    for (const [i, expected] of weights.entries()) {
      const [old, drawn] = [golden.old[i] ?? [], golden.drawn[i] ?? []];
      const actual = importanceWeights(correction, Float64Array.from(old), Float64Array.from(drawn));
      expect(actual.length).toBe(expected.length);
      for (const [t, weight] of expected.entries()) expect(actual[t]).toBeCloseTo(weight, 12);
    }
  },
);

test("an exact sampler that truncates nothing gets weights of 1", () => {
  const logProbs = Float64Array.of(-0.5, -2, -0.001);
  for (const level of ["token", "product", "geometric"] as const) {
    expect([...importanceWeights({ kind: "truncate", level, most: 2 }, logProbs, logProbs)]).toEqual([1, 1, 1]);
  }
});

test("a token that top-p made twice as likely counts half (D7)", () => {
  const [weight] = importanceWeights(
    { kind: "truncate", level: "token", most: 2 },
    Float64Array.of(Math.log(0.4)),
    Float64Array.of(Math.log(0.8)),
  );
  expect(weight).toBeCloseTo(0.5, 12);
});

test("bounds belong to the band", () => {
  const ratios = Float64Array.of(Math.log(0.5), Math.log(2));
  const weights = importanceWeights({ kind: "mask", level: "token", least: 0.5, most: 2 }, ratios, new Float64Array(2));
  expect([...weights].map((weight) => Math.round(weight * 1e9) / 1e9)).toEqual([0.5, 2]);
});

test("lengths that differ are refused", () => {
  expect(() =>
    importanceWeights({ kind: "mask", level: "token", most: 2 }, new Float64Array(2), new Float64Array(3)),
  ).toThrow("2 old log-probabilities for 3");
});
