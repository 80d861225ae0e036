/** What lies in a run folder, by name and type. Whoever reads a run (resume, compare, dashboard) starts here. */
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
  /** One folder per checkpoint, `best.json` beside them. */
  checkpoints: "checkpoints",
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
