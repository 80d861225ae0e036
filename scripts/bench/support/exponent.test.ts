import { expect, test } from "vitest";
import { fittedExponent } from "./exponent.ts";

test.each([
  { growth: "twice the size, twice the cost", costs: [3, 6, 12], exponent: 1 },
  { growth: "twice the size, four times the cost", costs: [3, 12, 48], exponent: 2 },
  { growth: "a cost that does not grow", costs: [5, 5, 5], exponent: 0 },
  // by hand: log2 costs 0, 1, 4 at log2 sizes 0, 1, 2; slope Σ(x−1)·y / Σ(x−1)² = (0 + 0 + 4) / 2
  { growth: "a cost that follows no power", costs: [1, 2, 16], exponent: 2 },
])("$growth: exponent $exponent", ({ costs, exponent }) => {
  const points = [1, 2, 4].map((size, i) => [size, costs[i] ?? 0] as const);
  expect(fittedExponent(points)).toBeCloseTo(exponent, 12);
});

test("the unit of size and of cost does not matter", () => {
  expect(
    fittedExponent([
      [10, 0.3],
      [20, 0.7],
      [40, 1.1],
    ]),
  ).toBeCloseTo(
    fittedExponent([
      [1, 300],
      [2, 700],
      [4, 1100],
    ]),
    12,
  );
});

test.each([
  {
    what: "one size",
    points: [
      [2, 1],
      [2, 3],
    ],
  },
  { what: "no size", points: [] },
  {
    what: "a cost of 0",
    points: [
      [1, 0],
      [2, 3],
    ],
  },
  {
    what: "a size below 0",
    points: [
      [-1, 1],
      [2, 3],
    ],
  },
] as const)("$what says nothing about an exponent", ({ points }) => {
  expect(() => fittedExponent(points)).toThrow(RangeError);
});
