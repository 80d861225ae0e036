/** What a chat model has been asked and how it went. */
import type { ChatCompletion } from "./chat-model.ts";
import type { FailureKind } from "./errors.ts";

export interface ChatModelCounters {
  /** Calls of `complete`. Those that are neither completed nor failed are under way. */
  readonly requests: number;
  readonly completed: number;
  /** Requests that were given up. */
  readonly failed: number;
  /** Attempts after a request's first. */
  readonly retries: number;
  /** Attempts that failed, by kind, whether or not a retry mended it. */
  readonly failedAttempts: Readonly<Partial<Record<FailureKind, number>>>;
  /** Of completed requests, as far as servers tell. */
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** Counts. */
export class CountedCalls {
  #requests = 0;
  #completed = 0;
  #failed = 0;
  #retries = 0;
  #promptTokens = 0;
  #completionTokens = 0;
  readonly #failedAttempts: Partial<Record<FailureKind, number>> = {};

  /** @returns the request's number, from 1 */
  begin(): number {
    return ++this.#requests;
  }

  completed({ promptTokens = 0, completionTokens = 0 }: ChatCompletion): void {
    this.#completed++;
    this.#promptTokens += promptTokens;
    this.#completionTokens += completionTokens;
  }

  failed(): void {
    this.#failed++;
  }

  retried(): void {
    this.#retries++;
  }

  attemptFailed(kind: FailureKind): void {
    this.#failedAttempts[kind] = (this.#failedAttempts[kind] ?? 0) + 1;
  }

  get counters(): ChatModelCounters {
    return {
      requests: this.#requests,
      completed: this.#completed,
      failed: this.#failed,
      retries: this.#retries,
      failedAttempts: { ...this.#failedAttempts },
      promptTokens: this.#promptTokens,
      completionTokens: this.#completionTokens,
    };
  }
}
