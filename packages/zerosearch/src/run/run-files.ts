/** What lies in a run folder, by name and type. Whoever reads a run (resume, compare, dashboard) starts here. */
import type { EvaluationSummary } from "../reward/evaluation-summary.ts";
import type { SkippedStep } from "../update/non-finite-guard.ts";
import type { TrajectoryRecord } from "./trajectory-line.ts";
import type { Versions } from "./versions.ts";

/** Raised when a reader of today could not read what will be written. */
export const RUN_FORMAT = 1;

/** Names inside a run folder. */
export const RUN_FILES = {
  /** The resolved configuration, secrets removed. */
  config: "config.json",
  /** {@link RunFacts} */
  facts: "run.json",
  /** Who uses the folder now. */
  lock: "run.lock",
  /** One {@link MetricsLine} per step. */
  metrics: "metrics.jsonl",
  /** One {@link TrajectoryRecord} per rollout. */
  trajectories: "trajectories.jsonl",
  /** One {@link SkippedUpdateLine} per update that came to no number. */
  skippedUpdates: "skipped-updates.jsonl",
  /** One {@link EvaluationLine} per evaluation. */
  evaluations: "evaluations.jsonl",
  /** One {@link EvaluatedTrajectoryLine} per question of an evaluation that keeps them. */
  evaluationTrajectories: "evaluation-trajectories.jsonl",
  /** What people look at, made of all the others. */
  report: "report.html",
  /** One folder per checkpoint, `best.json` beside them. */
  checkpoints: "checkpoints",
  /** What was learned, when all steps are done: a model folder in Hugging Face's format. */
  model: "model",
  /** TensorBoard's event files. */
  tensorboard: "tensorboard",
} as const;

/** What a run was begun with. */
export interface RunFacts {
  readonly format: number;
  /** Unique; trackers know the run by it. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** The root of every random draw. */
  readonly seed: number;
  readonly versions: Versions;
}

/** A line of `metrics.jsonl`. */
export interface MetricsLine {
  readonly step: number;
  /** Milliseconds since 1970, UTC. */
  readonly time: number;
  /** By name, such as `actor/pg_loss`. Numbers that JSON lacks are written as `exact-json.ts` says. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** A line of `trajectories.jsonl`. */
export interface TrajectoryLine {
  readonly step: number;
  readonly record: TrajectoryRecord;
}

/** A line of `skipped-updates.jsonl`: what was not applied, and what it would have learned from. */
export interface SkippedUpdateLine extends SkippedStep {
  readonly step: number;
}

/** A line of `evaluations.jsonl`: how well the policy did on questions that it does not learn from. */
export interface EvaluationLine extends EvaluationSummary {
  /** Steps of training done: 0 before the first. */
  readonly step: number;
  /** As the configuration calls it, such as `real`. */
  readonly name: string;
  readonly engine: { readonly name: string; readonly identity: Readonly<Record<string, unknown>> };
  /** 0 takes the likeliest tokens. */
  readonly temperature: number;
  readonly seconds: number;
}

/** A line of `evaluation-trajectories.jsonl`. */
export interface EvaluatedTrajectoryLine {
  readonly step: number;
  readonly name: string;
  readonly temperature: number;
  readonly record: TrajectoryRecord;
}
