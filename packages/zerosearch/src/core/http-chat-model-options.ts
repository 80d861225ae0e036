/** What an HTTP chat model is made of, its defaults and their limits. */
import { type BackoffOptions, checkBackoff } from "./bounded-retry.ts";
import { type Clock, SYSTEM_CLOCK } from "./clock.ts";
import { checkApiKey, checkBaseUrl } from "./endpoint-url.ts";
import { ConfigError } from "./errors.ts";
import { keyedUniform } from "./keyed-random.ts";

/** A timer can't take longer. */
export const LONGEST_TIMEOUT_MS: number = 2 ** 31 - 1;

export interface HttpChatModelOptions extends Partial<BackoffOptions> {
  /** Each up to and without `/chat/completions`, such as `http://127.0.0.1:6001/v1`. Taken in turn. */
  readonly baseUrls: readonly string[];
  /** As the server names it. Empty, the default, is what single-model servers such as SGLang accept. */
  readonly model?: string;
  /** Sent as bearer token, never shown. Default `EMPTY`, for servers that want none. */
  readonly apiKey?: string;
  /** Requests under way at once; more wait their turn. Default 64. */
  readonly concurrency?: number;
  /** Of one attempt, from connecting to the last byte. Default 120,000. */
  readonly timeoutMs?: number;
  /** A longer `Retry-After` is an error at once. Default 60,000. */
  readonly maxRetryAfterMs?: number;
  /** Failures in a row after which a server rests. Default 3. */
  readonly failuresBeforeRest?: number;
  /** Default 15,000. */
  readonly restMs?: number;
  /** Further fields of every request's body, such as `{ top_p: 0.95 }` or `{ chat_template_kwargs: … }`. */
  readonly extraBody?: Readonly<Record<string, unknown>>;
  /** In [0, 1) for a request's retry; default a hash of both numbers. */
  readonly jitter?: (request: number, retry: number) => number;
  readonly clock?: Clock;
}

/** @throws {ConfigError} an address, the key or a number can't be used */
export function resolveHttpChatModelOptions(options: HttpChatModelOptions): Required<HttpChatModelOptions> {
  const resolved = {
    model: "",
    apiKey: "EMPTY",
    concurrency: 64,
    timeoutMs: 120_000,
    retries: 4,
    minDelayMs: 500,
    maxDelayMs: 30_000,
    maxRetryAfterMs: 60_000,
    failuresBeforeRest: 3,
    restMs: 15_000,
    extraBody: {},
    jitter: (request: number, retry: number) => keyedUniform(["chat-model-retry", request, retry]),
    clock: SYSTEM_CLOCK,
    ...options,
    baseUrls: [...new Set(options.baseUrls.map(checkBaseUrl))],
  };
  if (resolved.baseUrls.length === 0) throw new ConfigError("baseUrls is empty: name at least one chat model server");
  checkApiKey(resolved.apiKey);
  checkBackoff(resolved);
  for (const name of ["concurrency", "timeoutMs", "failuresBeforeRest"] as const) {
    const value = resolved[name];
    if (Number.isInteger(value) && value >= 1 && value <= LONGEST_TIMEOUT_MS) continue;
    throw new ConfigError(`${name} must be a whole number from 1 to ${LONGEST_TIMEOUT_MS}, got ${value}`);
  }
  for (const name of ["maxRetryAfterMs", "restMs"] as const) {
    const value = resolved[name];
    if (Number.isFinite(value) && value >= 0 && value <= LONGEST_TIMEOUT_MS) continue;
    throw new ConfigError(`${name} must be a number from 0 to ${LONGEST_TIMEOUT_MS}, got ${value}`);
  }
  return resolved;
}
