/** Advantages, by hand and against PyTorch on padded, masked matrices. */
import { describe, expect, test } from "vitest";
import {
  type AdvantageEstimator,
  perGroup,
  type RewardedRollout,
  whitenedGae,
  whitenedRewardsToGo,
} from "./advantage-estimator.ts";
import { generalizedAdvantages, rewardsToGo } from "./gae.ts";
import { groupCentred, groupRelative } from "./group-relative.ts";
import { leaveOneOut } from "./leave-one-out.ts";
import { plainRewards } from "./reinforce.ts";
import { expectRagged, readGoldenAdvantages } from "./testing/golden-advantages.ts";
import { tokenRewards } from "./token-rewards.ts";
import { whiten } from "./whiten.ts";

const golden = readGoldenAdvantages();
const rows = (ragged: readonly (readonly number[])[]): Float64Array[] => ragged.map((row) => Float64Array.from(row));
const discounting = { discount: golden.discount, lambda: golden.lambda };

const rollouts: RewardedRollout[] = rows(golden.tokenRewards.k1).map((rewards, i) => ({
  rewards,
  values: Float64Array.from(golden.values[i] ?? []),
}));

function inGroups<T>(items: readonly T[]): T[][] {
  const groups: T[][] = [];
  for (let at = 0; at < items.length; at += golden.groupSize) groups.push(items.slice(at, at + golden.groupSize));
  return groups;
}

describe("against PyTorch", () => {
  test.each([
    ["groupRelative", groupRelative],
    ["groupCentred", groupCentred],
    ["leaveOneOut", leaveOneOut],
  ] as const)("%s of every group", (name, advantagesOf) => {
    expectRagged([inGroups(golden.scores).flatMap(advantagesOf)], [golden[name]]);
  });

  test("GAE, whose recursion skips the observations", () => {
    const estimated = rollouts.map(({ rewards, values }) =>
      generalizedAdvantages(rewards, values ?? new Float64Array(), discounting),
    );
    expectRagged(
      estimated.map(({ advantages }) => advantages),
      golden.gae.advantages,
    );
    expectRagged(
      estimated.map(({ returns }) => returns),
      golden.gae.returns,
    );
  });

  test("whitening over policy tokens only", () => {
    expectRagged(whiten(rows(golden.gae.advantages)), golden.whitened);
  });

  test("PPO's whitened advantages keep the returns as they were", () => {
    const estimated = whitenedGae(inGroups(rollouts), discounting).flat();
    expectRagged(
      estimated.map(({ advantages }) => advantages),
      golden.whitened,
    );
    expectRagged(
      estimated.map(({ returns }) => returns ?? []),
      golden.gae.returns,
    );
  });

  test("REINFORCE++'s whitened rewards to go", () => {
    const estimated = whitenedRewardsToGo(inGroups(rollouts), discounting).flat();
    expectRagged(
      estimated.map(({ advantages }) => advantages),
      golden.whitenedRewardsToGo,
    );
  });

  test.each(["k1", "k2", "k3", "abs"] as const)("rewards with %s in them", (estimator) => {
    const rewards = golden.scores.map((score, i) =>
      tokenRewards(score, rows(golden.logProbs)[i] ?? new Float64Array(), rows(golden.reference)[i], {
        estimator,
        coefficient: golden.klCoefficient,
      }),
    );
    expectRagged(rewards, golden.tokenRewards[estimator]);
  });
});

describe("by hand", () => {
  test("a group of 0 and 1 is ±1/√2, without the deviation ±1/2, against the other ±1", () => {
    expect(groupRelative([0, 1])[1]).toBeCloseTo(Math.SQRT1_2, 5);
    expect(groupCentred([0, 1])).toEqual([-0.5, 0.5]);
    expect(leaveOneOut([0, 1])).toEqual([-1, 1]);
  });

  test("a group without spread teaches nothing", () => {
    for (const advantagesOf of [groupRelative, groupCentred, leaveOneOut]) {
      for (const advantage of advantagesOf([0.25, 0.25, 0.25])) expect(advantage).toBe(0);
    }
  });

  test("a group of one keeps its reward, as in the reference", () => {
    for (const advantagesOf of [groupRelative, groupCentred, leaveOneOut]) expect(advantagesOf([0.7])).toEqual([0.7]);
  });

  test("the paper's REINFORCE has no baseline: a batch without failures is pushed up as a whole (D41)", () => {
    expect(plainRewards([1, 0.5, 0])).toEqual([1, 0.5, 0]);
    expect(leaveOneOut([1, 0.5, 0]).reduce((sum, advantage) => sum + advantage, 0)).toBeCloseTo(0, 12);
  });

  test("with γ = λ = 1 an advantage is the reward to go minus the value", () => {
    const { advantages, returns } = generalizedAdvantages(Float64Array.of(0, 0, 1), Float64Array.of(0.25, 0.5, 0.75), {
      discount: 1,
      lambda: 1,
    });
    expect([...advantages]).toEqual([0.75, 0.5, 0.25]);
    expect([...returns]).toEqual([1, 1, 1]);
  });

  test("with λ = 0 an advantage is one step's surprise", () => {
    const values = Float64Array.of(0.25, 0.5);
    const { advantages } = generalizedAdvantages(Float64Array.of(0, 1), values, { discount: 0.5, lambda: 0 });
    expect([...advantages]).toEqual([0, 0.5]);
  });

  test("rewards to go lose a factor per token", () => {
    expect([...rewardsToGo(Float64Array.of(1, 0, 4), 0.5)]).toEqual([2, 2, 4]);
  });

  test("KL-shaped rewards of torchtune's test", () => {
    const shaped = [1, 2, 3].map((score) => {
      const row = new Float64Array(3).fill(-score / 10);
      const rewards = tokenRewards(score, row, new Float64Array(3), { estimator: "k1", coefficient: 0.5 });
      return Array.from(rewards, (reward) => Math.round(reward * 1000) / 1000);
    });
    expect(shaped).toEqual([
      [0.05, 0.05, 1.05],
      [0.1, 0.1, 2.1],
      [0.15, 0.15, 3.15],
    ]);
  });

  test("every token of a rollout gets its advantage, and groups may differ in size", () => {
    const of = (length: number, score: number): RewardedRollout => ({
      rewards: Float64Array.from({ length }, (_, t) => (t === length - 1 ? score : 0)),
    });
    const estimated = perGroup(leaveOneOut)([[of(2, 1), of(1, 0), of(3, 0)], [of(2, 5)]], discounting);
    expect(estimated.map((group) => group.map(({ advantages }) => [...advantages]))).toEqual([
      [[1, 1], [-0.5], [-0.5, -0.5, -0.5]],
      [[5, 5]],
    ]);
  });
});

describe("what can't be", () => {
  const rewards = Float64Array.of(1, 2);

  test("a value is missing", () => {
    expect(() => generalizedAdvantages(rewards, Float64Array.of(1), discounting)).toThrow("2 rewards, 1 values");
    const estimate: AdvantageEstimator = whitenedGae;
    expect(() => estimate([[{ rewards }]], discounting)).toThrow("critic");
  });

  test("a reward is no number", () => {
    expect(() => tokenRewards(Number.NaN, rewards)).toThrow("NaN");
  });

  test("KL is to be paid for without a reference", () => {
    expect(() => tokenRewards(1, rewards, undefined, { estimator: "k1", coefficient: 0.1 })).toThrow("reference");
    expect([...tokenRewards(1, rewards, undefined, { estimator: "k1", coefficient: 0 })]).toEqual([0, 1]);
  });
});
