import { expect, test } from "vitest";
import { overSeeds } from "./results.ts";

test("an interval over three seeds is Student's: t = 4.303, standard error by n − 1", () => {
  // mean .7, deviations −.1 0 .1: variance .02 / 2 = .01, standard error .1 / √3 = .057735
  const { mean, halfWidth } = overSeeds([0.6, 0.7, 0.8]);
  expect(mean).toBeCloseTo(0.7, 12);
  expect(halfWidth).toBeCloseTo(4.303 * 0.0577350269, 6);
});

test("one seed has no interval", () => {
  expect(overSeeds([0.5])).toEqual({ values: [0.5], mean: 0.5 });
});
