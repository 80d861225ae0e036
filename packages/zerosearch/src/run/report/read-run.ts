/** A run as a report needs it: everything small, and of the trajectories those that are compared. */
import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { RunError } from "../../core/errors.ts";
import { readEvaluations, readEvaluationTrajectoriesOf } from "../evaluation-log.ts";
import { readMetrics } from "../metrics-log.ts";
import { readJsonFile, readRunFacts } from "../read-run-facts.ts";
import {
  type EvaluatedTrajectoryLine,
  type EvaluationLine,
  type MetricsLine,
  RUN_FILES,
  type RunFacts,
  type TrajectoryLine,
} from "../run-files.ts";
import { readTrajectoriesOf } from "../trajectory-log.ts";
import { comparisonsOf } from "./comparisons.ts";

export interface RunRecord {
  /** The folder's name. */
  readonly name: string;
  readonly facts: RunFacts;
  readonly config: unknown;
  /** One line per step, as far as the run has come. */
  readonly metrics: readonly MetricsLine[];
  readonly evaluations: readonly EvaluationLine[];
  /** Of every evaluation, those of its first and of its last time. */
  readonly evaluated: readonly EvaluatedTrajectoryLine[];
  /** Rollouts of the last step. */
  readonly rollouts: readonly TrajectoryLine[];
}

/**
 * Reads a run that is over or still going.
 *
 * @throws {RunError} there is no run, or a file of it is missing, damaged or of another version
 */
export async function readRun(folder: string): Promise<RunRecord> {
  if (!existsSync(folder)) throw new RunError(`there is no run at ${folder}: check the name`);
  const file = (name: keyof typeof RUN_FILES): string => join(folder, RUN_FILES[name]);
  if (!existsSync(file("config"))) {
    throw new RunError(
      `${folder} is no run folder: it has no ${RUN_FILES.config}. Give the folder that a training run made.`,
    );
  }
  const metrics = await collect(readMetrics(file("metrics")));
  const evaluations = await collectIfThere(file("evaluations"), readEvaluations);
  const comparedSteps = new Set(comparisonsOf(evaluations).flatMap(({ before, after }) => [before.step, after.step]));
  const lastSteps = new Set(metrics.slice(-1).map(({ step }) => step));
  return {
    name: basename(resolve(folder)),
    facts: readRunFacts(file("facts")),
    config: readJsonFile(file("config")),
    metrics,
    evaluations,
    evaluated: await collectIfThere(file("evaluationTrajectories"), (path) =>
      readEvaluationTrajectoriesOf(path, comparedSteps),
    ),
    rollouts: await collectIfThere(file("trajectories"), (path) => readTrajectoriesOf(path, lastSteps)),
  };
}

async function collectIfThere<T>(path: string, read: (path: string) => AsyncGenerator<T>): Promise<T[]> {
  return existsSync(path) ? await collect(read(path)) : [];
}

async function collect<T>(lines: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const line of lines) all.push(line);
  return all;
}
