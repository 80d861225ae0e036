import { expect, test } from "vitest";
import type { EvaluatedTrajectory } from "../advantage/evaluated-trajectory.ts";
import type { StopReason } from "../rollout/stop-reason.ts";
import { ALGORITHMS } from "./algorithms.ts";
import { estimateAdvantages } from "./estimate-advantages.ts";
import { action, observation, scoredRollout } from "./testing/bandit.ts";

interface Facts {
  readonly question: number;
  readonly sample: number;
  readonly reward: number;
  readonly tokens?: number;
  readonly seen?: readonly number[];
  readonly stopReason?: StopReason;
}

function evaluated({ question, sample, reward, tokens = 2, seen = [9], stopReason }: Facts): EvaluatedTrajectory {
  const wrote = Array.from({ length: tokens }, (_, t) => 10 + t);
  const logProbs = wrote.map((_, t) => -0.1 * (t + 1));
  const segments = [action(wrote, logProbs), observation(seen)];
  return {
    ...scoredRollout({ question, sample, segments, reward, ...(stopReason && { stopReason }) }),
    oldLogProbs: Float64Array.from(logProbs),
    referenceLogProbs: Float64Array.from(logProbs, (logProb) => logProb - 0.2),
    values: Float64Array.from(logProbs, (_, t) => 0.3 * t),
  };
}

const advantagesOf = (name: keyof typeof ALGORITHMS, batch: readonly EvaluatedTrajectory[]): number[][] =>
  estimateAdvantages(ALGORITHMS[name], batch).map(({ advantages }) => [...advantages]);

const batch = [
  evaluated({ question: 0, sample: 0, reward: 1 }),
  evaluated({ question: 1, sample: 0, reward: 0, tokens: 3 }),
  evaluated({ question: 0, sample: 1, reward: 0 }),
  evaluated({ question: 1, sample: 1, reward: 0.5 }),
];

test("rollouts of a question are a group wherever they stand, and keep their places", () => {
  const learned = estimateAdvantages(ALGORITHMS["dr-grpo"], batch);
  expect(learned.map(({ trajectory }) => trajectory)).toEqual(batch.map(({ trajectory }) => trajectory));
  expect(learned.map(({ advantages }) => advantages[0])).toEqual([0.5, -0.25, -0.5, 0.25]);
});

test.each(Object.keys(ALGORITHMS) as (keyof typeof ALGORITHMS)[])(
  "%s: failed rollouts and those without policy tokens enter no baseline",
  (name) => {
    const others = [
      evaluated({ question: 0, sample: 2, reward: 100, stopReason: "search-failed" }),
      evaluated({ question: 1, sample: 2, reward: -100, stopReason: "generation-failed" }),
      evaluated({ question: 1, sample: 3, reward: 50, tokens: 0 }),
      evaluated({ question: 7, sample: 0, reward: 50, stopReason: "aborted" }),
    ];
    expect(advantagesOf(name, [...others, ...batch])).toEqual(advantagesOf(name, batch));
  },
);

test.each(Object.keys(ALGORITHMS) as (keyof typeof ALGORITHMS)[])(
  "%s: what was observed, and how long it was, changes no advantage (D8)",
  (name) => {
    const seen = Array.from({ length: 500 }, (_, i) => i % 32);
    const changed = batch.map((each) => {
      const segments = each.trajectory.segments.map((segment) =>
        segment.kind === "observation" ? { ...segment, tokens: seen } : segment,
      );
      return { ...each, trajectory: { ...each.trajectory, segments } };
    });
    expect(advantagesOf(name, changed)).toEqual(advantagesOf(name, batch));
  },
);

test("KL in the reward is paid per token, from the log-probabilities before the update", () => {
  const [learned] = estimateAdvantages(ALGORITHMS.ppo, batch, 0.5);
  expect([...(learned?.tokenRewards ?? [])].map((reward) => Math.round(reward * 1e9) / 1e9)).toEqual([-0.1, 0.9]);
});

test("KL in the loss leaves the reward alone", () => {
  const [learned] = estimateAdvantages(ALGORITHMS.grpo, batch, 0.5);
  expect([...(learned?.tokenRewards ?? [])]).toEqual([0, 1]);
});

test("only PPO has returns, and a batch of failures is empty", () => {
  expect(estimateAdvantages(ALGORITHMS.ppo, batch).every(({ returns }) => returns !== undefined)).toBe(true);
  expect(estimateAdvantages(ALGORITHMS.grpo, batch).some(({ returns }) => returns !== undefined)).toBe(false);
  expect(
    estimateAdvantages(ALGORITHMS.grpo, [evaluated({ question: 0, sample: 0, reward: 1, stopReason: "aborted" })]),
  ).toEqual([]);
});
