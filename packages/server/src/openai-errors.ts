/** Errors as OpenAI's API states them: `{error: {message, type, param, code}}` and an HTTP status. */
import { RequestError } from "@zerosearch/lm";

/** Every status that this server answers with, but for success. */
export type ErrorStatus = 400 | 401 | 404 | 405 | 408 | 413 | 415 | 499 | 500 | 503 | 504;

/** What of an error reaches the client. */
export interface ErrorFields {
  readonly status: ErrorStatus;
  /** Default `invalid_request_error` below 500, `server_error` from there on. */
  readonly type?: string;
  /** The field of the request that is to blame, such as `messages[0].content`. */
  readonly param?: string;
  /** For programs, such as `context_length_exceeded`. */
  readonly code?: string;
  /** When the same request may succeed. */
  readonly retryAfterSeconds?: number;
}

/** The body of an answer that failed. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

/** A request that can't be answered; the message is meant for the client. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: ErrorStatus;
  readonly retryAfterSeconds: number | undefined;
  readonly #fields: ErrorFields;

  constructor(message: string, fields: ErrorFields) {
    super(message);
    this.status = fields.status;
    this.retryAfterSeconds = fields.retryAfterSeconds;
    this.#fields = fields;
  }

  get body(): ErrorBody {
    const { status, type, param, code } = this.#fields;
    return {
      error: {
        message: this.message,
        type: type ?? (status < 500 ? "invalid_request_error" : "server_error"),
        param: param ?? null,
        code: code ?? null,
      },
    };
  }
}

/** A field that is missing, malformed or not supported. */
export function invalid(param: string | undefined, message: string): ApiError {
  return new ApiError(message, { status: 400, ...(param === undefined ? {} : { param }) });
}

/**
 * What the client is told of any error. The engine's refusals are the client's to mend; of what is our fault only the
 * fact is told, the error itself goes to whoever runs the server.
 */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof RequestError) return invalid(undefined, error.message);
  return new ApiError("internal: the server failed to answer; its operator has the details", { status: 500 });
}
