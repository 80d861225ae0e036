import { expect, test } from "vitest";
import { wilsonInterval } from "../core/statistics.ts";
import { exploitsSimulator, leaksNoise, leaksUndeserved, outrunsEngine, type WatchedMoment } from "./watchdog.ts";

/** Of a hundred questions. Wilson's intervals of 50 to 60 right ones reach 0.09 to each side, so 0.13 is no chance. */
const moment = (step: number, reward: number, right: number): WatchedMoment => ({
  step,
  reward,
  trainedF1: reward,
  exactMatch: wilsonInterval(right, 100),
  f1: wilsonInterval(right, 100),
});

test("a score that falls while the reward rises is told, from the best moment on", () => {
  const moments = [moment(0, 0.3, 40), moment(10, 0.4, 60), moment(20, 0.5, 55), moment(30, 0.6, 44)];
  expect(exploitsSimulator("real", moments)).toBe(
    'the policy seems to exploit the simulator: since step 10 exact match on "real" fell from 0.60 to 0.44, while the ' +
      "reward went from 0.40 to 0.60. Audit the simulator, use the gate and consistent pages, or stop.",
  );
});

test("a reward that stands still is no excuse", () => {
  expect(exploitsSimulator("real", [moment(0, 0.4, 60), moment(10, 0.4, 40)])).toContain("from 0.40 to 0.40");
});

test.each([
  ["the score falls with the reward", [moment(0, 0.5, 60), moment(10, 0.4, 40)]],
  ["the fall is within what chance makes", [moment(0, 0.4, 60), moment(10, 0.6, 50)]],
  ["the score rises", [moment(0, 0.4, 40), moment(10, 0.6, 60)]],
  ["there is nothing to compare with", [moment(10, 0.6, 10)]],
  ["nothing was ever evaluated", []],
  ["nothing was scored since", [moment(0, 0.4, 60), moment(10, Number.NaN, 40)]],
])("silence where %s", (_, moments) => {
  expect(exploitsSimulator("real", moments)).toBeUndefined();
});

test("answers far better in training than on the real engine are told, although the score never fell", () => {
  // The miniature without its gate, seed 0: the reward of training and 100 questions on the real engine.
  const moments = [moment(0, 0.03, 0), moment(10, 0.24, 43), moment(20, 0.57, 35), moment(30, 0.72, 37)];
  expect(outrunsEngine("real", moments)).toMatch(/F1 in training is 0\.72, on "real" 0\.37/);
  expect(outrunsEngine("real", moments.slice(0, -1))).toBeUndefined();
});

test.each([
  ["the score keeps up", [moment(0, 0.03, 0), moment(10, 0.6, 71)]],
  ["the likeliest tokens are still those of the start", [moment(0, 0.03, 0), moment(10, 0.2, 0)]],
  ["training has not begun", [moment(0, 0.9, 20)]],
  ["nothing was scored since", [moment(0, 0.4, 60), moment(10, Number.NaN, 40)]],
])("a gap is passed over where %s", (_, moments) => {
  expect(outrunsEngine("real", moments)).toBeUndefined();
});

test("noisy pages that hold answers are told, from a quarter of twenty on", () => {
  const metrics = (rate: number, pages: number) => ({ "simulator/leak_rate": rate, "simulator/noisy_deserved": pages });
  expect(leaksNoise(metrics(0.57, 30))).toMatch(/^57 % of 30 noisy pages held an answer/);
  expect(leaksNoise(metrics(0.25, 30))).toBeUndefined();
  expect(leaksNoise(metrics(0.9, 19))).toBeUndefined();
  expect(leaksNoise({})).toBeUndefined();
});

test("pages that hold answers which the simulator was not told are told, from a quarter of twenty on", () => {
  const metrics = (rate: number, pages: number) => ({
    "simulator/undeserved_leak_rate": rate,
    "simulator/undeserved": pages,
  });
  expect(leaksUndeserved(metrics(0.3, 20))).toMatch(/^30 % of 20 pages held an answer that the simulator was not told/);
  expect(leaksUndeserved(metrics(0.25, 20))).toBeUndefined();
  expect(leaksUndeserved(metrics(0.9, 19))).toBeUndefined();
  expect(leaksUndeserved({})).toBeUndefined();
});
