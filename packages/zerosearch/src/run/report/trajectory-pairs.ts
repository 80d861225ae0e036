/** Trajectories worth reading side by side: the same question before and after training, or two rollouts of one group. */
import { isExactMatch } from "../../reward/exact-match.ts";
import type { EvaluatedTrajectoryLine, TrajectoryLine } from "../run-files.ts";
import type { TrajectoryRecord } from "../trajectory-line.ts";
import { type Comparison, hasChange } from "./comparisons.ts";

export interface TrajectoryPair {
  readonly before: TrajectoryRecord;
  readonly after: TrajectoryRecord;
  readonly outcome: Outcome;
}

/** Exact match before and after, in the order in which they are shown. */
export const OUTCOMES = ["wrong → right", "right → right", "wrong → wrong", "right → wrong"] as const;

type Outcome = (typeof OUTCOMES)[number];

/** How many of each are shown at most. */
const SHOWN: Readonly<Record<Outcome, number>> = {
  "wrong → right": 4,
  "right → right": 2,
  "wrong → wrong": 2,
  "right → wrong": 1,
};

/** The pairs of a comparison, in the order of their questions. */
export function pairsOf(comparison: Comparison, lines: readonly EvaluatedTrajectoryLine[]): TrajectoryPair[] {
  if (!hasChange(comparison)) return [];
  const { name, temperature, before, after } = comparison;
  const made = (at: number) =>
    lines.filter((line) => line.step === at && line.name === name && line.temperature === temperature);
  const later = new Map(made(after.step).map(({ record }) => [record.trajectory.question.id, record]));
  return made(before.step).flatMap(({ record }) => {
    const match = later.get(record.trajectory.question.id);
    return match ? [{ before: record, after: match, outcome: outcomeOf(record, match) }] : [];
  });
}

/** A handful: each outcome by turns from every source of questions. */
export function pickPairs(pairs: readonly TrajectoryPair[]): TrajectoryPair[] {
  return OUTCOMES.flatMap((outcome) =>
    bySourceInTurn(pairs.filter((pair) => pair.outcome === outcome)).slice(0, SHOWN[outcome]),
  );
}

/** The group of training rollouts whose rewards lie farthest apart: its worst and its best. */
export function widestGroup(
  lines: readonly TrajectoryLine[],
): readonly [TrajectoryRecord, TrajectoryRecord] | undefined {
  const ids = new Set(lines.map(({ record }) => record.trajectory.question.id));
  const spans = [...ids].flatMap((id) => {
    const group = lines.map(({ record }) => record).filter(({ trajectory }) => trajectory.question.id === id);
    const ordered = group.sort((a, b) => a.score.reward - b.score.reward);
    const [worst, best] = [ordered[0], ordered.at(-1)];
    return worst && best && worst !== best ? [{ worst, best, span: best.score.reward - worst.score.reward }] : [];
  });
  const widest = spans.sort((a, b) => b.span - a.span)[0];
  return widest && [widest.worst, widest.best];
}

export function isRight({ trajectory: { answer, question } }: TrajectoryRecord): boolean {
  return answer !== null && isExactMatch(answer, question.answers);
}

function outcomeOf(before: TrajectoryRecord, after: TrajectoryRecord): Outcome {
  return `${isRight(before) ? "right" : "wrong"} → ${isRight(after) ? "right" : "wrong"}`;
}

function bySourceInTurn(pairs: readonly TrajectoryPair[]): TrajectoryPair[] {
  const sourceOf = ({ before }: TrajectoryPair) => before.trajectory.question.source;
  const sources = [...new Set(pairs.map(sourceOf))];
  const queues = sources.map((source) => pairs.filter((pair) => sourceOf(pair) === source));
  const rounds = Math.max(0, ...queues.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) => queues.flatMap((queue) => queue[round] ?? [])).flat();
}
