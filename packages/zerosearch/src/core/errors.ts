/** The errors of this package, each for one boundary at which the world or its user can fail. */

/** A data file is missing, malformed or holds a row that is no question. The message names file and row. */
export class DataError extends Error {
  override readonly name = "DataError";
  readonly code = "ERR_DATA";
}

/** A setting is unknown, out of range or contradicts another. The message names it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "ERR_CONFIG";
}

/** How a call to the outside can fail. */
export type FailureKind =
  /** Nobody answered: refused, reset, unknown host. */
  | "unreachable"
  | "timeout"
  /** 429 */
  | "rate-limited"
  /** 401, 403, or no key where one is needed */
  | "unauthorized"
  /** Another 4xx: asking again can't help. */
  | "rejected"
  /** 5xx */
  | "server"
  /** It answered, but not in the agreed form. */
  | "malformed"
  | "aborted";

const TRANSIENT: ReadonlySet<FailureKind> = new Set(["unreachable", "timeout", "rate-limited", "server"]);

/** What search engines and chat models have in common when they fail. */
abstract class RemoteError extends Error {
  readonly kind: FailureKind;
  /** Milliseconds that the other side asked to wait, from `Retry-After`. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { kind: FailureKind; retryAfterMs?: number; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.kind = options.kind;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Whether asking again may help. */
  get isTransient(): boolean {
    return TRANSIENT.has(this.kind);
  }
}

/** A search engine did not give documents. */
export class SearchError extends RemoteError {
  override readonly name = "SearchError";
  readonly code = "ERR_SEARCH";
}

/** A chat model did not give a completion. */
export class ChatModelError extends RemoteError {
  override readonly name = "ChatModelError";
  readonly code = "ERR_CHAT_MODEL";
}

/** A run can't go on: its folder is in use, damaged or made with another configuration, or too much has failed. */
export class RunError extends Error {
  override readonly name = "RunError";
  readonly code = "ERR_RUN";
}
