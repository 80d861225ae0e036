import { expect, test } from "vitest";
import { ConfigError } from "../core/errors.ts";
import { STOP_REASONS } from "../rollout/stop-reason.ts";
import { f1Reward } from "./answer-rewards.ts";
import { scoreTrajectories } from "./score-trajectories.ts";
import { answer, madeTrajectory } from "./testing/made-trajectory.ts";

test("what failed has no score, what merely did badly has one, and both keep their order", async () => {
  const trajectories = STOP_REASONS.map((reason) => madeTrajectory(["Paris"], [answer("…", "Paris")], reason));
  const { scored, failed } = await scoreTrajectories(trajectories, f1Reward);
  expect(failed.map(({ stopReason }) => stopReason)).toEqual(["search-failed", "generation-failed", "aborted"]);
  expect(scored.map(({ trajectory }) => trajectory.stopReason)).toEqual([
    "answered",
    "turn-limit",
    "token-budget",
    "context-overflow",
    "too-often-invalid",
  ]);
  expect(scored.map(({ score }) => score.reward)).toEqual([1, 1, 1, 1, 1]);
});

test("a reward may be asynchronous, and is not asked about what failed", async () => {
  const asked: string[] = [];
  const reasons = ["answered", "aborted", "turn-limit"] as const;
  const trajectories = reasons.map((reason) => madeTrajectory(["Paris"], [], reason));
  const { scored } = await scoreTrajectories(trajectories, async ({ stopReason }) => {
    await Promise.resolve();
    asked.push(stopReason);
    return { reward: asked.length, measures: {} };
  });
  expect(asked).toEqual(["answered", "turn-limit"]);
  expect(scored.map(({ score }) => score.reward)).toEqual([1, 2]);
});

test("a reward that is no finite number is an error that names the trajectory and the measure", async () => {
  const trajectory = madeTrajectory(["Paris"], []);
  const run = scoreTrajectories([trajectory], () => ({ reward: 1, measures: { mine: Number.NaN } }));
  await expect(run).rejects.toThrow(ConfigError);
  await expect(run).rejects.toThrow("the reward's mine of question q, sample 0, is NaN");
  const missing = scoreTrajectories([trajectory], () => JSON.parse('{"measures": {}}'));
  await expect(missing).rejects.toThrow("the reward's reward of question q, sample 0, is undefined");
});

test("what a reward throws is not swallowed", async () => {
  const run = scoreTrajectories([madeTrajectory(["Paris"], [])], () => {
    throw new Error("my judge is down");
  });
  await expect(run).rejects.toThrow("my judge is down");
});
