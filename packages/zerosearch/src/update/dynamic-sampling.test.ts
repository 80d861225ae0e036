import { expect, test } from "vitest";
import type { ScoredTrajectory } from "../reward/reward.ts";
import type { StopReason } from "../rollout/stop-reason.ts";
import { drawGroupsWithSpread } from "./dynamic-sampling.ts";
import { action, scoredRollout } from "./testing/bandit.ts";

const group = (question: number, rewards: readonly number[], stopReason?: StopReason): ScoredTrajectory[] =>
  rewards.map((reward, sample) =>
    scoredRollout({ question, sample, reward, segments: [action([9], [-1])], ...(stopReason && { stopReason }) }),
  );

test("a group has spread if its learnable rollouts differ", async () => {
  const drawn = [
    group(0, [0, 0, 1]),
    group(1, [1, 1, 1]),
    [],
    [...group(3, [1, 1]), ...group(3, [0], "search-failed")],
    [...group(4, [0, 1]), ...group(4, [0], "search-failed")],
  ];
  const { groups, flatCount } = await drawGroupsWithSpread(async () => drawn, { wanted: 5, mostRounds: 1 });
  expect(groups).toEqual([drawn[0], drawn[4]]);
  expect(flatCount).toBe(3);
});

test("groups without spread are drawn again, as many as are missing", async () => {
  const rounds = [
    [group(0, [0, 1]), group(1, [1, 1]), group(2, [0, 0])],
    [group(3, [0.5, 1]), group(4, [0, 0])],
    [group(5, [0, 1])],
  ];
  const asked: number[] = [];
  const drawn = await drawGroupsWithSpread(
    async (count, round) => {
      asked.push(count);
      return rounds[round] ?? [];
    },
    { wanted: 3, mostRounds: 10 },
  );
  expect(asked).toEqual([3, 2, 1]);
  expect(drawn.groups.map(([first]) => first?.trajectory.key.questionId)).toEqual(["q0", "q3", "q5"]);
  expect({ rounds: drawn.rounds, flat: drawn.flatCount }).toEqual({ rounds: 3, flat: 3 });
});

test("when the rounds run out, what there is comes back", async () => {
  const drawn = await drawGroupsWithSpread(async () => [group(0, [1, 1])], { wanted: 2, mostRounds: 4 });
  expect(drawn).toEqual({ groups: [], rounds: 4, flatCount: 4 });
});
