/**
 * How well a policy did on questions that it does not learn from: means with their intervals, over every question that
 * was asked. A rollout that failed for reasons outside the policy is counted apart, and `questions` says of how many.
 */
import { bootstrapMean, type Interval, wilsonInterval } from "../core/statistics.ts";
import { policyTokenCount, searchesOf, turnCount } from "../rollout/policy-tokens.ts";
import { answerMeasures } from "./answer-measures.ts";
import type { ScoredTrajectories } from "./score-trajectories.ts";

/** The measures of an evaluation, by name. */
export interface EvaluationMeasures {
  /** Strict exact match, cover exact match (shares) and F1 of the answers, all in [0, 1]. */
  readonly exactMatch: Interval;
  readonly coverExactMatch: Interval;
  readonly f1: Interval;
  /** Share that gave an answer at all. */
  readonly answered: Interval;
  /** Means per question. */
  readonly searches: Interval;
  readonly turns: Interval;
  /** Tokens that the policy wrote. */
  readonly tokens: Interval;
}

interface SourceSummary {
  /** Answered, rightly or not; those that failed are not among them. */
  readonly questions: number;
  readonly measures: EvaluationMeasures;
}

export interface EvaluationSummary {
  readonly questions: number;
  /** Rollouts that failed, such as by searches; they are in no mean. */
  readonly failed: number;
  /** Absent where every rollout failed. */
  readonly measures?: EvaluationMeasures;
  /** By the questions' source, such as `nq`. */
  readonly bySource: Readonly<Record<string, SourceSummary>>;
}

/** Draws of the bootstrap do not depend on the run. */
const BOOTSTRAP = { seed: 0, resamples: 2000 };

/** Intervals of 95 %: Wilson's for shares, the bootstrap's for other means. */
export function evaluationSummary({ scored, failed }: ScoredTrajectories): EvaluationSummary {
  const rows = scored.map(({ trajectory }) => ({
    source: trajectory.question.source,
    ...answerMeasures(trajectory.answer, trajectory.question.answers),
    searches: searchesOf(trajectory).length,
    turns: turnCount(trajectory),
    tokens: policyTokenCount(trajectory),
  }));
  const sources = [...new Set(rows.map(({ source }) => source))].sort();
  return {
    questions: rows.length,
    failed: failed.length,
    ...(rows.length > 0 && { measures: measuresOf(rows) }),
    bySource: Object.fromEntries(
      sources.map((source) => {
        const own = rows.filter((row) => row.source === source);
        return [source, { questions: own.length, measures: measuresOf(own) }];
      }),
    ),
  };
}

/** What one question came to. */
export type MeasuredAnswer = Readonly<Record<keyof EvaluationMeasures, number>>;

/** @throws {RangeError} there are no rows */
export function measuresOf(rows: readonly MeasuredAnswer[]): EvaluationMeasures {
  const share = (of: keyof MeasuredAnswer): Interval =>
    wilsonInterval(rows.filter((row) => row[of] === 1).length, rows.length);
  const mean = (of: keyof MeasuredAnswer): Interval =>
    bootstrapMean(
      rows.map((row) => row[of]),
      BOOTSTRAP,
    );
  return {
    exactMatch: share("exactMatch"),
    coverExactMatch: share("coverExactMatch"),
    f1: mean("f1"),
    answered: share("answered"),
    searches: mean("searches"),
    turns: mean("turns"),
    tokens: mean("tokens"),
  };
}
