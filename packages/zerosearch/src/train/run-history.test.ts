import { expect, test } from "vitest";
import { wilsonInterval } from "../core/statistics.ts";
import type { EvaluationLine } from "../run/run-files.ts";
import { RunHistory } from "./run-history.ts";

/** 100 questions; of an evaluation only what is looked at. */
function line(step: number, right: number, { name = "real", temperature = 0 } = {}): EvaluationLine {
  const measures = { exactMatch: wilsonInterval(right, 100), f1: wilsonInterval(right, 100) };
  return { step, name, temperature, measures } as unknown as EvaluationLine;
}

/** Steps whose rewards are given. */
function historyOf(rewards: readonly number[], lines: readonly EvaluationLine[]): RunHistory {
  const history = new RunHistory();
  for (const [i, reward] of rewards.entries()) history.addStep(i + 1, { "train/reward": reward, "timing_s/step": i });
  for (const each of lines) history.addEvaluation(each);
  return history;
}

const watched = (history: RunHistory, step: number): string[] => history.warnings(["real"], step, {});

test("the reward since the last evaluation is compared with that before it", () => {
  const lines = [line(0, 50), line(2, 60), line(4, 40)];
  expect(watched(historyOf([0.2, 0.4, 0.5, 0.7], lines), 4)).toEqual([
    expect.stringContaining(
      'since step 2 exact match on "real" fell from 0.60 to 0.40, while the reward went from 0.30 to 0.60',
    ),
  ]);
  expect(watched(historyOf([0.2, 0.4, 0.2, 0.3], lines), 4)).toEqual([]);
});

test("at the start it is that of the first step: a policy that collapses at once exploits nobody", () => {
  const lines = [line(0, 60), line(3, 20)];
  expect(watched(historyOf([0.6, 0.3, 0.1], lines), 3)).toEqual([]);
  expect(watched(historyOf([0.6, 0.8, 0.9], lines), 3)).toEqual([expect.stringContaining("went from 0.60 to 0.77")]);
});

test("answers in training that are far better than the evaluation's are told by their F1, whatever the reward is", () => {
  const history = historyOf([5, 5, 5], [line(0, 10), line(3, 20)]);
  expect(watched(history, 3)).toEqual([]); // a reward of another scale says nothing
  for (const step of [1, 2, 3]) history.addStep(step, { "train/reward": 5, "train/f1": 0.8 });
  expect(watched(history, 3)).toEqual([expect.stringContaining('F1 in training is 0.80, on "real" 0.20')]);
});

test("only where an evaluation was made, only of those watched, only at their first temperature", () => {
  const fall = [line(0, 60), line(0, 10, { temperature: 1 }), line(2, 20), line(2, 90, { temperature: 1 })];
  const history = historyOf([0.1, 0.2, 0.3], fall);
  expect(watched(history, 2)).toHaveLength(1);
  expect(watched(history, 3)).toEqual([]);
  expect(history.warnings(["simulated"], 2, {})).toEqual([]);
});

test("the success of the last step in which there was one is what schedules follow", () => {
  const history = new RunHistory();
  expect(history.successRate).toBe(0);
  history.addStep(1, { "train/exact_match": 0.5 });
  history.addStep(2, {});
  expect(history.successRate).toBe(0.5);
  expect(history.rewards).toEqual([Number.NaN, Number.NaN]);
});

test("the best checkpoint is chosen by the first evaluation of its step", () => {
  const history = historyOf([], [line(2, 30, { name: "first" }), line(2, 90, { name: "second" })]);
  expect(history.scoreAt(2)).toBe(0.3);
  expect(history.scoreAt(3)).toBeUndefined();
});

test("the time left is told by the last nine steps", () => {
  const history = historyOf(
    Array.from({ length: 12 }, () => 0),
    [],
  );
  expect(history.stepMs).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11].map((seconds) => 1000 * seconds));
});
