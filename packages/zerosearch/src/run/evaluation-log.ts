/** `evaluations.jsonl` and `evaluation-trajectories.jsonl`: how well a policy did, and what it did. */
import { readExactJson, writeExactJson } from "./exact-json.ts";
import { JsonlLog, readLines, readLinesOfSteps } from "./jsonl-log.ts";
import type { EvaluatedTrajectoryLine, EvaluationLine } from "./run-files.ts";
import { parseTrajectoryRecord, type TrajectoryRecord } from "./trajectory-line.ts";

/** An evaluation, and the trajectories of it that are worth keeping. */
export interface EvaluationRecord {
  readonly line: EvaluationLine;
  readonly trajectories: readonly TrajectoryRecord[];
}

export class EvaluationLog extends JsonlLog {
  /** @throws {RunError} it can't be written */
  write(line: EvaluationLine): void {
    this.append(writeExactJson(line));
  }
}

export class EvaluationTrajectoryLog extends JsonlLog {
  /** @throws {RunError} it can't be written */
  write(line: EvaluatedTrajectoryLine): void {
    this.append(writeExactJson(line));
  }
}

/** Every evaluation, in order; a torn last line is left out. */
export function readEvaluations(path: string): AsyncGenerator<EvaluationLine> {
  return readLines(path, (line) => readExactJson(line) as EvaluationLine);
}

/** Every trajectory of an evaluation, in the order they were written; a torn last line is left out. */
export function readEvaluationTrajectories(path: string): AsyncGenerator<EvaluatedTrajectoryLine> {
  return readLines(path, parseEvaluated);
}

/** Those of the evaluations that were made after one of these numbers of steps. */
export function readEvaluationTrajectoriesOf(
  path: string,
  steps: ReadonlySet<number>,
): AsyncGenerator<EvaluatedTrajectoryLine> {
  return readLinesOfSteps(path, steps, parseEvaluated);
}

function parseEvaluated(text: string): EvaluatedTrajectoryLine {
  const { record, ...line } = readExactJson(text) as EvaluatedTrajectoryLine;
  return { ...line, record: parseTrajectoryRecord(record) };
}
