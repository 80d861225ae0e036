/**
 * A run in progress: its folder, logs and checkpoints moving together. A checkpoint remembers how long the logs were, so
 * a resumed run has every line once, whenever the process before it died.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../core/errors.ts";
import type { SkippedStep } from "../update/non-finite-guard.ts";
import { type FoundCheckpoint, findLastGoodCheckpoint, type GoodCheckpoint, saveToStore } from "./checkpoint-store.ts";
import { EvaluationLog, type EvaluationRecord, EvaluationTrajectoryLog } from "./evaluation-log.ts";
import { readExactJson } from "./exact-json.ts";
import { onFile } from "./file-failure.ts";
import { MetricsLog } from "./metrics-log.ts";
import { RunDirectory, type RunDirectoryOptions } from "./run-directory.ts";
import { SkippedUpdateLog } from "./skipped-update-log.ts";
import type { TrajectoryRecord } from "./trajectory-line.ts";
import { TrajectoryLog } from "./trajectory-log.ts";

/** In every checkpoint: how long the logs were. */
const LOGS_FILE = "logs.json";

/** In bytes. */
type LogSizes = Readonly<
  Record<"metrics" | "trajectories" | "skippedUpdates" | "evaluations" | "evaluationTrajectories", number>
>;

const NO_LOGS: LogSizes = {
  ...{ metrics: 0, trajectories: 0, skippedUpdates: 0 },
  ...{ evaluations: 0, evaluationTrajectories: 0 },
};

/** What happened in a step. */
export interface StepRecord {
  readonly metrics: Readonly<Record<string, number>>;
  readonly trajectories: readonly TrajectoryRecord[];
  /** Updates that came to no number. Default none. */
  readonly skipped?: readonly SkippedStep[];
}

export interface RunCheckpointOptions {
  /** Fills the checkpoint's folder, such as with `writeCheckpointParts`. */
  readonly write: (folder: string) => void | Promise<void>;
  /** What the best checkpoint has most of. */
  readonly score?: number;
  readonly keepLast: number;
}

/** Owns the folder's lock and the open logs. */
export class Run implements Disposable {
  readonly directory: RunDirectory;
  /** To go on from; undefined where nothing has been saved. */
  readonly lastCheckpoint: GoodCheckpoint | undefined;
  /** Checkpoints that were passed over on resuming, and why: to be shown. */
  readonly problems: readonly string[];
  readonly #logs: {
    readonly metrics: MetricsLog;
    readonly trajectories: TrajectoryLog;
    readonly skippedUpdates: SkippedUpdateLog;
    readonly evaluations: EvaluationLog;
    readonly evaluationTrajectories: EvaluationTrajectoryLog;
  };

  /** @throws {RunError} see {@link RunDirectory}; or no checkpoint is good although there are some */
  constructor(options: RunDirectoryOptions) {
    this.directory = new RunDirectory(options);
    const open: Disposable[] = [this.directory];
    try {
      const found = findLastGoodCheckpoint(this.directory.file("checkpoints"));
      checkNotAllLost(found, this.directory.file("checkpoints"));
      this.lastCheckpoint = found.checkpoint;
      this.problems = found.problems;
      const sizes = found.checkpoint ? readSizes(found.checkpoint.path) : NO_LOGS;
      const openLog = <L extends Disposable>(name: keyof LogSizes, Log: new (path: string, keep: number) => L): L => {
        const log = new Log(this.directory.file(name), sizes[name]);
        open.push(log);
        return log;
      };
      this.#logs = {
        metrics: openLog("metrics", MetricsLog),
        trajectories: openLog("trajectories", TrajectoryLog),
        skippedUpdates: openLog("skippedUpdates", SkippedUpdateLog),
        evaluations: openLog("evaluations", EvaluationLog),
        evaluationTrajectories: openLog("evaluationTrajectories", EvaluationTrajectoryLog),
      };
    } catch (error) {
      for (const owned of open.reverse()) owned[Symbol.dispose]();
      throw error;
    }
  }

  /** Adds a step to the logs. */
  record(step: number, { metrics, trajectories, skipped = [] }: StepRecord): void {
    for (const record of trajectories) this.#logs.trajectories.write({ step, record });
    for (const update of skipped) this.#logs.skippedUpdates.write({ step, ...update });
    this.#logs.metrics.write({ step, time: Date.now(), metrics });
  }

  /** Adds an evaluation, made after `step` steps, to the logs. */
  recordEvaluation({ line, trajectories }: EvaluationRecord): void {
    const { step, name, temperature } = line;
    for (const record of trajectories) this.#logs.evaluationTrajectories.write({ step, name, temperature, record });
    this.#logs.evaluations.write(line);
  }

  /**
   * Saves what was done up to and including a step.
   *
   * @returns the checkpoint's folder
   * @throws {RunError} it could not be written; earlier checkpoints are untouched
   */
  async checkpoint(step: number, { write, ...options }: RunCheckpointOptions): Promise<string> {
    for (const log of Object.values(this.#logs)) log.sync();
    const sizes = Object.fromEntries(Object.entries(this.#logs).map(([name, log]) => [name, log.sizeBytes]));
    return await saveToStore(this.directory.file("checkpoints"), {
      ...options,
      step,
      write: async (folder) => {
        writeFileSync(join(folder, LOGS_FILE), JSON.stringify(sizes));
        await write(folder);
      },
    });
  }

  dispose(): void {
    for (const log of Object.values(this.#logs)) log.dispose();
    this.directory.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Starting again from nothing would throw the logs away: that is for the user to decide. */
function checkNotAllLost({ checkpoint, problems }: FoundCheckpoint, root: string): void {
  if (checkpoint || problems.length === 0) return;
  throw new RunError(
    `none of the checkpoints in ${root} is whole:\n  ${problems.join("\n  ")}\n` +
      "Restore one from a copy, or start the run again under another name.",
  );
}

function readSizes(folder: string): LogSizes {
  const path = join(folder, LOGS_FILE);
  const sizes = onFile("can't read", path, () => readExactJson(readFileSync(path, "utf8")) as Partial<LogSizes>);
  return { ...NO_LOGS, ...sizes }; // a log that the checkpoint's program did not know was empty then
}
