import { expect, test } from "vitest";
import { intervalPointsOf, pointsOf, smoothed, thinned } from "./series.ts";

const line = (step: number, metrics: Record<string, number>) => ({ step, time: 0, metrics });

test("steps without a metric, or with one that is no number, have no point", () => {
  const lines = [line(1, { a: 1 }), line(2, {}), line(3, { a: Number.NaN }), line(4, { a: 0 })];
  expect(pointsOf(lines, "a")).toEqual([
    { step: 1, value: 1 },
    { step: 4, value: 0 },
  ]);
});

test("an interval stands with its value where both of its ends are known", () => {
  const lines = [line(1, { v: 2, l: 1, h: 3 }), line(2, { v: 5, l: 4 })];
  expect(intervalPointsOf(lines, { value: "v", low: "l", high: "h" })).toEqual([
    { step: 1, value: 2, low: 1, high: 3 },
    { step: 2, value: 5 },
  ]);
});

test("smoothing weighs a neighbour one width away by e^(−1/2)", () => {
  const [first, second] = smoothed([
    { step: 1, value: 0 },
    { step: 2, value: 1 },
  ]);
  expect(first?.value).toBeCloseTo(0.6065306597 / 1.6065306597, 9);
  expect(second?.value).toBeCloseTo(1 / 1.6065306597, 9);
});

test("smoothing keeps a constant, and the middle of a straight line", () => {
  const steps = Array.from({ length: 41 }, (_, step) => step);
  for (const { value } of smoothed(steps.map((step) => ({ step, value: 3 })))) expect(value).toBeCloseTo(3, 12);
  expect(smoothed(steps.map((step) => ({ step, value: step })))[20]?.value).toBeCloseTo(20, 12);
});

test("up to 300 points stay; of 600 each two become their mean, with the mean of their intervals", () => {
  const points = Array.from({ length: 600 }, (_, i) => ({ step: i + 1, value: i, low: i - 1, high: i + 3 }));
  expect(thinned(points.slice(0, 300))).toHaveLength(300);
  expect(thinned(points)).toHaveLength(300);
  expect(thinned(points)[0]).toEqual({ step: 1.5, value: 0.5, low: -0.5, high: 3.5 });
});
