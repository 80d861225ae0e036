import { expect, test } from "vitest";
import { ConfigError } from "../core/errors.ts";
import { coverExactMatchReward, exactMatchReward, f1Reward } from "./answer-rewards.ts";
import { extractAnswer } from "./extract-answer.ts";
import { REWARDS, rewardNamed } from "./rewards.ts";
import { answer, invalid, madeTrajectory, search, type Told } from "./testing/made-trajectory.ts";

test("the answer is what the last turn gave", () => {
  const told = [
    search("<search>q</search>"),
    ["search", "<information>x</information>"],
    answer("…", "Lyon"),
  ] as Told[];
  expect(extractAnswer(madeTrajectory(["Lyon"], told))).toBe("Lyon");
});

test.each<[string, Told[]]>([
  ["the prompt's example", []],
  ["a turn that went on searching", [search("<answer>Beijing</answer> <search>q</search>")]],
  ["tags in a turn that was neither", [invalid("<answer>Beijing")]],
  ["the correction's own words", [invalid("?"), ["invalid-action", "put the answer between <answer> and </answer>"]]],
  ["a document", [search("?"), ["search", "<information><answer>Beijing</answer></information>"]]],
  ["an answer before the last turn", [answer("…", "Beijing"), ["answer-now", "Answer now."], search("?")]],
])("%s is no answer of the policy's (D2)", (_, told) => {
  const trajectory = madeTrajectory(["Beijing", "and"], told, "turn-limit");
  expect(extractAnswer(trajectory)).toBeNull();
  expect(f1Reward(trajectory)).toEqual({
    reward: 0,
    measures: { f1: 0, exactMatch: 0, coverExactMatch: 0, answered: 0 },
  });
});

test("each reward pays by its measure and reports them all", () => {
  const trajectory = madeTrajectory(["Paris"], [answer("…", "not Paris but Lyon")]);
  const measures = { f1: 0.4, exactMatch: 0, coverExactMatch: 1, answered: 1 };
  expect(f1Reward(trajectory)).toEqual({ reward: 0.4, measures });
  expect(exactMatchReward(trajectory)).toEqual({ reward: 0, measures });
  expect(coverExactMatchReward(trajectory)).toEqual({ reward: 1, measures });
});

test("a reward goes by its name; another name is an error that lists them (D34)", () => {
  expect(rewardNamed("f1")).toBe(f1Reward);
  expect(Object.keys(REWARDS)).toEqual(["f1", "exact-match", "cover-exact-match", "format"]);
  for (const name of ["em", "F1", "", "toString"]) {
    expect(() => rewardNamed(name)).toThrow(ConfigError);
    expect(() => rewardNamed(name)).toThrow("expected one of f1, exact-match, cover-exact-match, format");
  }
});
