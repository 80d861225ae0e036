/** `trajectories.jsonl`: one line per rollout. */
import { JsonlLog, readLines, readLinesOfSteps } from "./jsonl-log.ts";
import type { TrajectoryLine } from "./run-files.ts";
import { readTrajectoryLine, writeTrajectoryLine } from "./trajectory-line.ts";

export class TrajectoryLog extends JsonlLog {
  /** @throws {RunError} it can't be written */
  write(line: TrajectoryLine): void {
    this.append(writeTrajectoryLine(line));
  }
}

/** Every rollout, in the order they were written; a torn last line is left out. */
export function readTrajectories(path: string): AsyncGenerator<TrajectoryLine> {
  return readLines(path, readTrajectoryLine);
}

/** The rollouts of some steps. A long run's file takes minutes to parse, seconds to pass over. */
export function readTrajectoriesOf(path: string, steps: ReadonlySet<number>): AsyncGenerator<TrajectoryLine> {
  return readLinesOfSteps(path, steps, readTrajectoryLine);
}
