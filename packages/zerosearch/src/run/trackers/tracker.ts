/**
 * Where a run is shown besides its own files. Trackers are guests: one that fails is retried, counted, and at last left
 * alone; it never stops a run and never makes it wait for more than the end.
 */

/** What trackers are told of a run. */
export interface TrackedRun {
  /** Unique; a resumed run has the same. */
  readonly id: string;
  readonly name: string;
  /** The project, or experiment, that runs are grouped by. */
  readonly project: string;
  /** Without secrets: see `redact`. */
  readonly config: unknown;
}

export interface TrackedMetrics {
  readonly step: number;
  /** Milliseconds since 1970, UTC. */
  readonly time: number;
  /** Any numbers; a tracker leaves out what it can't take. */
  readonly metrics: Readonly<Record<string, number>>;
}

export type RunOutcome = "finished" | "failed" | "stopped";

/** One destination. Any call may throw; {@link BackgroundTracker} deals with that. */
export interface Tracker {
  readonly name: string;
  start(): Promise<void>;
  /** In the order of steps. Called again with the same entries where it threw. */
  log(entries: readonly TrackedMetrics[]): Promise<void>;
  finish(outcome: RunOutcome): Promise<void>;
}
