import { expect, test } from "vitest";
import { type ProgressState, ProgressView, renderProgress, renderStepLine, sparkline } from "./progress-view.ts";

const STATE: ProgressState = {
  runName: "first",
  step: 30,
  totalSteps: 120,
  rewards: [0, 0.25, 0.5, 1],
  noise: 0.25,
  turns: 2.125,
  phaseMs: { gen: 5200, update_actor: 1310 },
  stepMs: [7000, 6000, 90_000],
};

test("the live view shows progress, reward curve, noise, turns, phases and the time left", () => {
  // 90 steps at the median of 7 s are 630 s.
  expect(renderProgress(STATE, 100)).toEqual([
    "first  ██████░░░░░░░░░░░░░░░░░░ 30/120  10 min 30 s left",
    "reward 1.000  ▁▃▅█",
    "noise 25 %  turns 2.13  gen 5.2 s  update_actor 1.3 s",
  ]);
});

test("no line is longer than the terminal is wide", () => {
  const state = { ...STATE, rewards: Array.from({ length: 500 }, (_, i) => i), notes: ["wandb: ".repeat(20)] };
  for (const columns of [10, 24, 40, 80]) {
    for (const line of renderProgress(state, columns)) expect([...line].length).toBeLessThanOrEqual(columns);
  }
});

test("before the first step there is nothing to tell but the goal", () => {
  const state = { runName: "first", step: 0, totalSteps: 5, rewards: [], phaseMs: {}, stepMs: [] };
  expect(renderStepLine(state)).toBe("step 0/5  reward –");
  expect(renderProgress(state, 80)[0]).toContain("░".repeat(24));
  expect(renderStepLine({ ...state, step: 5 })).toBe("step 5/5  reward –  done");
});

test("a curve spans from the least to the greatest of what is shown, with gaps for what is no number", () => {
  expect(sparkline([9, 0, Number.NaN, 7], 3)).toBe("▁ █");
  expect(sparkline([2, 2], 5)).toBe("▁▁");
  expect(sparkline([], 5)).toBe("");
});

test("a terminal is redrawn in place; elsewhere each step is a line without control characters", () => {
  const terminal: string[] = [];
  const view = new ProgressView({ isTTY: true, columns: 80, write: (text) => terminal.push(text) });
  view.show(STATE);
  view.show(STATE);
  view.print("saved");
  view.show(STATE);
  expect(terminal[0]?.startsWith("first")).toBe(true);
  expect(terminal[1]?.startsWith("\u001b[3F\u001b[Jfirst")).toBe(true);
  expect(terminal[2]).toBe("\u001b[3F\u001b[Jsaved\n");
  expect(terminal[3]?.startsWith("first")).toBe(true);

  const plain: string[] = [];
  const lines = new ProgressView({ write: (text) => plain.push(text) });
  lines.show(STATE);
  lines.print("saved");
  expect(plain).toEqual([
    "step 30/120  reward 1.000  noise 0.25  turns 2.13  gen 5.2 s  update_actor 1.3 s  10 min 30 s left\n",
    "saved\n",
  ]);
});
