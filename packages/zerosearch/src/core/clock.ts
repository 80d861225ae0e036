/** Time, as something that can be handed in: what waits for minutes is tested without waiting. */
import { setTimeout as sleepFor } from "node:timers/promises";

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason as soon as that is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own. */
export const SYSTEM_CLOCK: Clock = {
  now: () => Date.now(),
  // One more, because a timer may fire within the millisecond before its time by the other clock.
  sleep: (ms, signal) => sleepFor(ms > 0 ? ms + 1 : 0, undefined, signal ? { signal } : {}),
};
