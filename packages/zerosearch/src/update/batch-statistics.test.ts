import { expect, test } from "vitest";
import { batchStatistics } from "./batch-statistics.ts";
import type { LearnedTrajectory } from "./estimate-advantages.ts";
import { action, observation, scoredRollout } from "./testing/bandit.ts";

const LN2 = Math.log(2);

/** Two rollouts, of two policy tokens with an observation between them and of one. */
const batch: readonly LearnedTrajectory[] = [
  {
    ...scoredRollout({
      question: 0,
      sample: 0,
      segments: [action([10], [-1]), observation([5, 5]), action([11], [-1])],
      reward: 1,
    }),
    oldLogProbs: Float64Array.of(-1, -1),
    referenceLogProbs: Float64Array.of(-1, -1 - LN2), // k3: 0, and ½ + ln 2 − 1
    values: Float64Array.of(1, 0),
    tokenRewards: Float64Array.of(-0.1, 0.9),
    advantages: Float64Array.of(1, -1),
    returns: Float64Array.of(2, 0),
  },
  {
    ...scoredRollout({ question: 0, sample: 1, segments: [action([12], [-2])], reward: 0 }),
    oldLogProbs: Float64Array.of(-2),
    referenceLogProbs: Float64Array.of(-2 + LN2), // k3: 2 − ln 2 − 1
    values: Float64Array.of(4),
    tokenRewards: Float64Array.of(0),
    advantages: Float64Array.of(3),
    returns: Float64Array.of(4),
  },
];

test("rewards are means over rollouts, all else over policy tokens: every number by hand (D24)", () => {
  const statistics = batchStatistics(batch);
  const expected = {
    "critic/score/mean": 0.5,
    "critic/score/max": 1,
    "critic/score/min": 0,
    "critic/rewards/mean": 0.4,
    "critic/rewards/max": 0.8,
    "critic/rewards/min": 0,
    "critic/advantages/mean": 1,
    "critic/advantages/max": 3,
    "critic/advantages/min": -1,
    "critic/returns/mean": 2,
    "critic/returns/max": 4,
    "critic/returns/min": 0,
    "critic/values/mean": 5 / 3,
    "critic/values/max": 4,
    "critic/values/min": 0,
    "critic/kl": 0.5 / 3,
    "critic/vf_explained_var": 11 / 12, // 1 − (2/9) / (8/3)
  };
  expect(Object.keys(statistics).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) expect(statistics[name], name).toBeCloseTo(value, 12);
});

test("what was not evaluated is missing, not 0", () => {
  const bare = batch.map(({ trajectory, score, oldLogProbs, tokenRewards, advantages }) => ({
    ...{ trajectory, score, oldLogProbs, tokenRewards, advantages },
  }));
  expect(Object.keys(batchStatistics(bare)).filter((name) => /values|returns|kl|explained/.test(name))).toEqual([]);
  expect(batchStatistics([])).toEqual({});
});
