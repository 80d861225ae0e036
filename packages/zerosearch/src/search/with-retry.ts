/** Asks again where that may help, a bounded number of times: the reference asks for ever, or ten times a second (D20). */
import pRetry from "p-retry";
import { SearchError } from "../core/errors.ts";
import { keyedUniform } from "../core/keyed-random.ts";
import type { QueryEngine } from "./search-engine.ts";

export interface RetryOptions {
  /** How often a search is tried at most, at least 1; 4 by default. */
  readonly maxAttempts?: number;
  /** The first pause; each further one is twice as long, and up to half of it is left out at random. 500 by default. */
  readonly firstPauseMs?: number;
  /** No pause is longer; a service that asks for more by `Retry-After` is not asked again. 30 s by default. */
  readonly maxPauseMs?: number;
  /** Waits; a test's need not. It rejects when the signal is aborted. */
  readonly sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** Repeats a search after failures that may pass: unreachable, timeout, rate limit, 5xx. Others fail at once. */
export function withRetry(engine: QueryEngine, options: RetryOptions = {}): QueryEngine {
  const { maxAttempts = 4, firstPauseMs = 500, maxPauseMs = 30_000, sleep = sleepFor } = options;
  const pauseBefore = (attempt: number, query: string, retryAfterMs = 0) => {
    const grown = Math.min(maxPauseMs, firstPauseMs * 2 ** (attempt - 1));
    return Math.max(retryAfterMs, grown * (1 - keyedUniform([query, attempt, "retry pause"]) / 2));
  };
  return {
    ...withoutSearch(engine),
    search: (query, searchOptions) =>
      pRetry(() => engine.search(query, searchOptions), {
        retries: maxAttempts - 1,
        minTimeout: 0,
        async onFailedAttempt({ error, attemptNumber, retriesLeft }) {
          if (retriesLeft === 0 || !isWorthAnother(error, maxPauseMs)) throw error;
          await sleep(pauseBefore(attemptNumber, query, error.retryAfterMs), searchOptions.signal);
        },
      }),
  };
}

/** An engine's other properties, for the wrappers: what wraps an engine finds what the engine finds. */
export function withoutSearch(engine: QueryEngine): Omit<QueryEngine, "search"> {
  return {
    name: engine.name,
    identity: engine.identity,
    close: async () => engine.close?.(),
  };
}

function isWorthAnother(error: Error, maxPauseMs: number): error is SearchError {
  return error instanceof SearchError && error.isTransient && (error.retryAfterMs ?? 0) <= maxPauseMs;
}

function sleepFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(new SearchError("The search was aborted between two attempts.", { kind: "aborted" }));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}
