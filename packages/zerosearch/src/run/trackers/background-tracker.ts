/** Feeds a tracker beside the run: what is logged waits in a bounded queue, failures are counted and end in silence. */
import { setTimeout as wait } from "node:timers/promises";
import type { RunOutcome, TrackedMetrics, Tracker } from "./tracker.ts";

export interface BackgroundTrackerOptions {
  /** Failures in a row after which the tracker is left alone. Default 5. */
  readonly maxFailures?: number;
  /** Entries that may wait; beyond, the oldest is dropped. Default 1000. */
  readonly maxWaiting?: number;
  /** Before the first retry; doubled for each one after. Default 1000. */
  readonly retryDelayMs?: number;
}

/** Never throws, never blocks. What went wrong is told by its properties. */
export class BackgroundTracker {
  readonly #tracker: Tracker;
  readonly #options: Required<BackgroundTrackerOptions>;
  readonly #waiting: TrackedMetrics[] = [];
  #failures = 0;
  #failuresInARow = 0;
  #dropped = 0;
  #lastFailure: string | undefined;
  #isStarted = false;
  #work: Promise<void> = Promise.resolve();

  constructor(tracker: Tracker, options: BackgroundTrackerOptions = {}) {
    this.#tracker = tracker;
    this.#options = { maxFailures: 5, maxWaiting: 1000, retryDelayMs: 1000, ...options };
  }

  get name(): string {
    return this.#tracker.name;
  }

  /** Calls that failed, retries included. */
  get failures(): number {
    return this.#failures;
  }

  /** Entries that never arrived. */
  get dropped(): number {
    return this.#dropped;
  }

  get lastFailure(): string | undefined {
    return this.#lastFailure;
  }

  /** Whether too much failed in a row, so that nothing is sent any more. */
  get isGivenUp(): boolean {
    return this.#failuresInARow >= this.#options.maxFailures;
  }

  /** Takes an entry to be sent; returns at once. */
  log(entry: TrackedMetrics): void {
    if (this.isGivenUp) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(entry);
    if (this.#waiting.length > this.#options.maxWaiting) {
      this.#waiting.shift();
      this.#dropped++;
    }
    this.#work = this.#work.then(() => this.#send());
  }

  /** Sends what waits and ends the tracker's run; resolves after `timeoutMs` at the latest. */
  async finish(outcome: RunOutcome, timeoutMs: number): Promise<void> {
    const limit = new AbortController();
    const finished = this.#work
      .then(() => this.#send())
      .then(() => this.#attempt(() => this.#tracker.finish(outcome)))
      .finally(() => limit.abort());
    await Promise.race([finished, wait(timeoutMs, undefined, { signal: limit.signal }).catch(() => {})]);
  }

  async #send(): Promise<void> {
    if (!this.#isStarted) this.#isStarted = await this.#attempt(() => this.#tracker.start());
    if (this.#isStarted && this.#waiting.length > 0) {
      const entries = this.#waiting.splice(0);
      const isSent = await this.#attempt(() => this.#tracker.log(entries));
      if (!isSent) this.#dropped += entries.length;
    }
    if (this.isGivenUp) this.#dropped += this.#waiting.splice(0).length;
  }

  /** Tries until it works or the tracker is given up; returns whether it worked. */
  async #attempt(call: () => Promise<void>): Promise<boolean> {
    while (!this.isGivenUp) {
      try {
        await call();
        this.#failuresInARow = 0;
        return true;
      } catch (error) {
        this.#failures++;
        this.#failuresInARow++;
        this.#lastFailure = error instanceof Error ? error.message : String(error);
        if (!this.isGivenUp) {
          // Unreferenced: a process that has nothing else to do may end.
          await wait(this.#options.retryDelayMs * 2 ** (this.#failuresInARow - 1), undefined, { ref: false });
        }
      }
    }
    return false;
  }
}
