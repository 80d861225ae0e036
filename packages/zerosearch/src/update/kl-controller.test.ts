import { expect, test } from "vitest";
import { nextKlCoefficient } from "./kl-controller.ts";

const adaptive = { kind: "adaptive", target: 0.1, horizon: 1000 } as const;

test("a fixed weight stays", () => {
  expect(nextKlCoefficient({ kind: "fixed" }, 0.001, { kl: 9, trajectories: 64 })).toBe(0.001);
});

test("too much KL raises an adaptive weight, too little lowers it, the target keeps it", () => {
  expect(nextKlCoefficient(adaptive, 0.2, { kl: 0.11, trajectories: 100 })).toBeCloseTo(0.2 * 1.01, 12);
  expect(nextKlCoefficient(adaptive, 0.2, { kl: 0.095, trajectories: 100 })).toBeCloseTo(0.2 * 0.995, 12);
  expect(nextKlCoefficient(adaptive, 0.2, { kl: 0.1, trajectories: 100 })).toBeCloseTo(0.2, 12);
});

test("one step answers to an error of 20 % at most", () => {
  expect(nextKlCoefficient(adaptive, 0.2, { kl: 50, trajectories: 100 })).toBeCloseTo(0.2 * 1.02, 12);
  expect(nextKlCoefficient(adaptive, 0.2, { kl: -50, trajectories: 100 })).toBeCloseTo(0.2 * 0.98, 12);
});
