import { describe, expect, test } from "vitest";
import { ConfigError } from "../../core/errors.ts";
import { checkSchedule, drawIsNoisy, isNoisy, type NoiseSchedule, noiseProbability } from "./curriculum.ts";

const half: NoiseSchedule = { kind: "exponential", start: 0, end: 0.5 };

describe("the paper's schedule", () => {
  test.each([
    [0, 0],
    [1, 0.001142],
    [50, 0.067831],
    [101, 0.16553],
    [150, 0.29755],
    [202, 0.495463],
  ])("after step %i of 203 is what the reference computes", (step, expected) => {
    expect(noiseProbability(half, step, 203)).toBeCloseTo(expected, 6);
  });

  test.each([
    [0.25, [0.0006, 0.0155, 0.0339, 0.0828, 0.1488, 0.2432, 0.2477, 0.25]],
    [0.5, [0.0011, 0.031, 0.0678, 0.1655, 0.2976, 0.4865, 0.4955, 0.5]],
    [0.75, [0.0017, 0.0465, 0.1018, 0.2483, 0.4463, 0.7297, 0.7432, 0.75]],
  ])("from 0 to %f has the values of the method's table", (end, expected) => {
    const steps = [1, 25, 50, 101, 150, 200, 202, 203];
    for (const [at, step] of steps.entries()) {
      const error = noiseProbability({ ...half, end }, step, 203) - (expected[at] ?? Number.NaN);
      expect(Math.abs(error)).toBeLessThan(1e-4); // the table has four digits, two of them rounded twice
    }
  });

  test("the last step and all after it have the end exactly", () => {
    for (const end of [0.1, 0.3, 0.7]) {
      for (const step of [10, 11, 1000]) expect(noiseProbability({ ...half, start: 0.25, end }, step, 10)).toBe(end);
    }
  });

  test("base 1 is the limit of bases near it, which is linear", () => {
    const at = (base: number) => noiseProbability({ ...half, start: 0.1, base }, 3, 12);
    expect(at(1)).toBeCloseTo(0.1 + 0.4 / 4, 15);
    for (const base of [1 - 1e-9, 1 + 1e-9]) expect(at(base)).toBeCloseTo(at(1), 9);
  });

  test("base 9 at half of the steps is a quarter of the span: (3 − 1) / (9 − 1)", () => {
    expect(noiseProbability({ ...half, base: 9 }, 5, 10)).toBeCloseTo(0.125, 15);
  });
});

describe("other schedules", () => {
  test("linear, also downwards", () => {
    const values = [0, 1, 2, 3, 4, 5].map((step) =>
      noiseProbability({ kind: "linear", start: 0.75, end: 0.25 }, step, 4),
    );
    expect(values).toEqual([0.75, 0.625, 0.5, 0.375, 0.25, 0.25]);
  });

  test("constant", () => {
    for (const step of [0, 1, 99]) expect(noiseProbability({ kind: "constant", noise: 0.25 }, step, 4)).toBe(0.25);
  });

  test("by success rate, whatever the step", () => {
    const schedule: NoiseSchedule = { kind: "success-rate", start: 0.25, end: 0.75, from: 0.5, to: 1 };
    const rates = [0, 0.5, 0.625, 0.75, 1];
    for (const step of [1, 7]) {
      const values = rates.map((successRate) => noiseProbability(schedule, step, 7, { successRate }));
      expect(values).toEqual([0.25, 0.25, 0.375, 0.5, 0.75]);
    }
    expect(() => noiseProbability(schedule, 1, 7)).toThrow(/successRate is undefined/);
    expect(() => noiseProbability(schedule, 1, 7, { successRate: 1.1 })).toThrow(ConfigError);
  });
});

test.each<[string, NoiseSchedule]>([
  ["start", { ...half, start: -0.1 }],
  ["end", { ...half, end: 1.1 }],
  ["end", { kind: "linear", start: 0, end: Number.NaN }],
  ["base", { ...half, base: 0 }],
  ["base", { ...half, base: Number.POSITIVE_INFINITY }],
  ["noise", { kind: "constant", noise: 2 }],
  ["from and to", { kind: "success-rate", start: 0, end: 1, from: 0.5, to: 0.5 }],
])("a schedule whose %s is out of range is refused", (name, schedule) => {
  expect(() => checkSchedule(schedule)).toThrow(ConfigError);
  expect(() => checkSchedule(schedule)).toThrow(name);
});

test.each([
  [-1, 5],
  [0.5, 5],
  [1, 0],
  [1, Number.NaN],
])("step %f of %f is refused", (step, totalSteps) => {
  expect(() => noiseProbability(half, step, totalSteps)).toThrow(ConfigError);
});

test("a draw above the probability is useful, an equal one noisy", () => {
  expect(isNoisy(0.5, 0.5)).toBe(true);
  expect(isNoisy(0.5, 0.5 + 2 ** -53)).toBe(false);
  expect(isNoisy(0, 2 ** -53)).toBe(false);
  expect(isNoisy(1, 1 - 2 ** -53)).toBe(true);
});

/** Half the width within which a binomial share lies with 99.9 %, normal approximation. */
const within = (p: number, n: number) => 3.29 * Math.sqrt((p * (1 - p)) / n);

test("100,000 keyed draws are as noisy as they should be, and the same in any order", () => {
  const count = 100_000;
  const draw = (i: number) => drawIsNoisy(0.3, [7, i % 100, `q${i % 321}`, "noise", i]);
  const forward = Array.from({ length: count }, (_, i) => draw(i));
  expect(Math.abs(forward.filter(Boolean).length / count - 0.3)).toBeLessThan(within(0.3, count));
  const backward = Array.from({ length: 20_000 }, (_, i) => draw(count - 1 - i)).reverse();
  expect(backward).toEqual(forward.slice(count - 20_000));
});
