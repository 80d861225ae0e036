import { expect, test } from "vitest";
import { QuestionOrder } from "../data/question-order.ts";
import type { Reward } from "../reward/reward.ts";
import { questionOf, scene } from "../rollout/testing/rollout-scene.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import { PhaseTimer } from "./phase-timer.ts";
import { type PlayStepOptions, playStep } from "./play-step.ts";

const QUESTIONS = Array.from({ length: 8 }, (_, i) => questionOf(i));
const numberOf = ({ key }: Trajectory): number => Number(key.questionId.slice(1));

/** Rollouts of even questions are all rewarded alike, of odd ones the samples differ. */
const reward: Reward = (trajectory) => ({
  reward: numberOf(trajectory) % 2 === 0 ? 1 : trajectory.key.sample,
  measures: {},
});

function options(mostRounds: number | undefined, changes: Partial<PlayStepOptions> = {}): PlayStepOptions {
  const { context } = scene(() => "<answer>a</answer>");
  const order = new QuestionOrder(QUESTIONS, 1);
  return {
    ...{ ...context, groupSize: 2, questionsPerStep: 3, order, reward, mostRounds, timer: new PhaseTimer() },
    ...changes,
  };
}

/** In the order in which they are asked. */
const asked = (count: number): string[] => new QuestionOrder(QUESTIONS, 1).next(count).map(({ id }) => id);
const idsOf = (scored: readonly { readonly trajectory: Trajectory }[]): string[] => [
  ...new Set(scored.map(({ trajectory }) => trajectory.key.questionId)),
];
const isOdd = (id: string): boolean => Number(id.slice(1)) % 2 === 1;

test("one round takes the groups as they are", async () => {
  const step = options(undefined);
  const played = await playStep(step);
  expect(idsOf(played.scored)).toEqual(asked(3));
  expect(played).toMatchObject({ passedOver: [], failed: [], rounds: 1, flatGroups: 0 });
  expect(played.trajectories).toHaveLength(6);
  expect(Object.keys(step.timer.phases())).toEqual(["gen", "reward"]);
});

test("flat groups are passed over and drawn again, until there are enough", async () => {
  const played = await playStep(options(10));
  const odd = asked(8).filter(isOdd).slice(0, 3);
  const needed = asked(8).slice(0, asked(8).indexOf(odd[2] ?? "") + 1);
  expect(idsOf(played.scored)).toEqual(odd);
  expect(idsOf(played.passedOver)).toEqual(needed.filter((id) => !isOdd(id)));
  expect(played.flatGroups).toBe(needed.length - 3);
  expect(played.rounds).toBeGreaterThan(1);
  expect(played.trajectories).toHaveLength(2 * needed.length);
});

test("rounds have an end, and then there are fewer groups", async () => {
  const played = await playStep(options(1));
  expect(played.rounds).toBe(1);
  expect(idsOf(played.scored)).toEqual(asked(3).filter(isOdd));
});

test("a question that comes again within the step is not asked again: its rollouts would be the same", async () => {
  const played = await playStep(options(9, { reward: () => ({ reward: 1, measures: {} }) }));
  expect(played).toMatchObject({ scored: [], rounds: 9, flatGroups: 8 });
  expect(idsOf(played.passedOver).sort()).toEqual(QUESTIONS.map(({ id }) => id));
  expect(played.trajectories).toHaveLength(2 * QUESTIONS.length);
});

test("rollouts that fail are counted and neither learned nor passed over", async () => {
  let calls = 0;
  const { context } = scene(() => (++calls === 1 ? Promise.reject(new Error("no luck")) : "<answer>a</answer>"));
  const played = await playStep(options(undefined, { ...context, maxFailureShare: 0.5 }));
  expect(played.failed.map(({ stopReason }) => stopReason)).toEqual(["generation-failed"]);
  expect(played.scored).toHaveLength(5);
  expect(played.trajectories).toHaveLength(6);
});
