/** A step's rollouts and their scores: one round of groups, or several where flat groups are drawn again. */
import type { Question } from "../core/question.ts";
import type { QuestionOrder } from "../data/question-order.ts";
import type { Reward, ScoredTrajectory } from "../reward/reward.ts";
import { scoreTrajectories } from "../reward/score-trajectories.ts";
import { type RolloutGroupsOptions, rolloutGroups } from "../rollout/rollout-groups.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import { drawGroupsWithSpread } from "../update/dynamic-sampling.ts";
import type { PhaseTimer } from "./phase-timer.ts";

export interface PlayStepOptions extends RolloutGroupsOptions {
  readonly order: QuestionOrder;
  readonly questionsPerStep: number;
  readonly reward: Reward;
  /** Most rounds of drawing until all groups have spread; undefined takes the first ones as they are. */
  readonly mostRounds: number | undefined;
  readonly timer: PhaseTimer;
}

export interface PlayedStep {
  /** All there were, whatever became of them. */
  readonly trajectories: readonly Trajectory[];
  /** What is learned from. */
  readonly scored: readonly ScoredTrajectory[];
  /** Scored, but passed over: their groups had no spread. */
  readonly passedOver: readonly ScoredTrajectory[];
  readonly failed: readonly Trajectory[];
  readonly rounds: number;
  readonly flatGroups: number;
}

/** @throws {RunError} too many rollouts failed */
export async function playStep(options: PlayStepOptions): Promise<PlayedStep> {
  const { order, questionsPerStep, mostRounds, timer, reward } = options;
  const trajectories: Trajectory[] = [];
  const failed: Trajectory[] = [];
  const all: ScoredTrajectory[] = [];
  const asked = new Set<string>();
  const play = async (groupCount: number): Promise<ScoredTrajectory[][]> => {
    // An epoch that ends among the rounds may bring a question again, whose rollouts would be the same.
    const questions = order.next(groupCount).filter(({ id }) => !asked.has(id));
    for (const { id } of questions) asked.add(id);
    const played = await timer.measure("gen", () => rolloutGroups(questions, options));
    const round = await timer.measure("reward", () => scoreTrajectories(played, reward));
    trajectories.push(...played);
    failed.push(...round.failed);
    all.push(...round.scored);
    return groupsOf(questions, round.scored);
  };
  if (mostRounds === undefined) {
    const groups = await play(questionsPerStep);
    return { trajectories, scored: groups.flat(), passedOver: [], failed, rounds: 1, flatGroups: 0 };
  }
  const drawn = await drawGroupsWithSpread(play, { wanted: questionsPerStep, mostRounds });
  const scored = drawn.groups.flat();
  const learned = new Set(scored);
  const passedOver = all.filter((each) => !learned.has(each));
  return { trajectories, scored, passedOver, failed, rounds: drawn.rounds, flatGroups: drawn.flatCount };
}

function groupsOf(questions: readonly Question[], scored: readonly ScoredTrajectory[]): ScoredTrajectory[][] {
  return questions.map(({ id }) => scored.filter(({ trajectory }) => trajectory.key.questionId === id));
}
