/**
 * Asking again, a bounded number of times and ever more slowly. What differs between the things that are asked is handed
 * in: which failures may pass, and how long the other side wants to be left alone.
 */
import pRetry from "p-retry";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import { ConfigError } from "./errors.ts";

export interface BackoffOptions {
  /** Further attempts after the first, at least 0. */
  readonly retries: number;
  /** Before the first retry, at most; it doubles with every further one. */
  readonly minDelayMs: number;
  /** No delay of our own is longer. */
  readonly maxDelayMs: number;
}

export interface BoundedRetryOptions extends BackoffOptions {
  /** Whether asking again may help. */
  readonly isTransient: (error: Error) => boolean;
  /** How long the other side must be left alone now, whatever the back-off says. Default 0. */
  readonly demandedDelayMs?: (error: Error) => number;
  /** A demand above this ends the attempts at once. */
  readonly maxDemandedDelayMs: number;
  /** A number in [0, 1) per retry, so that callers that failed together don't return together. */
  readonly jitter: (retry: number) => number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/**
 * The delay before a retry: between a half and the whole of a bound that doubles.
 *
 * @param retry  1 for the first
 * @param uniform  in [0, 1)
 */
export function backoffDelayMs(retry: number, uniform: number, { minDelayMs, maxDelayMs }: BackoffOptions): number {
  const bound = Math.min(maxDelayMs, minDelayMs * 2 ** (retry - 1));
  return Math.round(bound * (0.5 + uniform / 2));
}

/**
 * Runs `attempt` until it succeeds, fails for good, or the retries are used up.
 *
 * @param attempt  is told its number, from 1
 * @throws what the last attempt threw; the signal's reason if it is aborted while waiting
 */
export async function withBoundedRetry<T>(
  attempt: (number: number) => Promise<T>,
  options: BoundedRetryOptions,
): Promise<T> {
  const { isTransient, demandedDelayMs, maxDemandedDelayMs, jitter, signal, clock = SYSTEM_CLOCK } = options;
  return await pRetry(attempt, {
    retries: options.retries,
    // The library's own delay is no delay: it can't be told how long the other side asked for, nor use another clock.
    minTimeout: 0,
    shouldRetry: async ({ error, attemptNumber }) => {
      if (!isTransient(error)) return false;
      const demanded = demandedDelayMs?.(error) ?? 0;
      if (demanded > maxDemandedDelayMs) return false;
      const delay = Math.max(demanded, backoffDelayMs(attemptNumber, jitter(attemptNumber), options));
      await clock.sleep(delay, signal);
      return true;
    },
    ...(signal ? { signal } : {}),
  });
}

/** @throws {ConfigError} a number is out of range */
export function checkBackoff({ retries, minDelayMs, maxDelayMs }: BackoffOptions): void {
  if (!Number.isInteger(retries) || retries < 0) {
    throw new ConfigError(`retries must be a whole number of at least 0, got ${retries}`);
  }
  if (!(minDelayMs >= 0 && maxDelayMs >= minDelayMs && Number.isFinite(maxDelayMs))) {
    throw new ConfigError(
      `delays must satisfy 0 ≤ minDelayMs ≤ maxDelayMs, got minDelayMs ${minDelayMs} and maxDelayMs ${maxDelayMs}`,
    );
  }
}
