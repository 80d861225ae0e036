/**
 * What the HTTP client throws, named by what failed. Messages are made anew and the original is not attached: it holds
 * headers and bodies, in which servers are known to repeat the key.
 */
import { APIConnectionError, APIError } from "openai";
import { ChatModelError, type FailureKind } from "./errors.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** What is known of a failed attempt beside the error. */
export interface FailureContext {
  readonly url: string;
  /** Taken out of the message. */
  readonly apiKey: string;
  readonly nowMs: number;
}

/** The {@link ChatModelError} for anything that an attempt threw, timeouts and aborts aside. */
export function chatModelFailure(error: unknown, { url, apiKey, nowMs }: FailureContext): ChatModelError {
  if (error instanceof ChatModelError) return error;
  const fail = (kind: FailureKind, what: string, retryAfterMs?: number): ChatModelError => {
    const message = redact(`chat model at ${url}: ${what}`, apiKey);
    return new ChatModelError(message, { kind, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  };
  if (error instanceof APIError && error.status !== undefined) {
    const kind = kindOfStatus(error.status);
    const advice = ADVICE[kind] ?? "";
    return fail(kind, `${shorten(error.message)}${advice}`, parseRetryAfter(error.headers?.get("retry-after"), nowMs));
  }
  const chain = causes(error);
  const what = shorten(chain.map(describe).join(": "));
  if (chain.some((cause) => codeOf(cause) === "UND_ERR_RES_EXCEEDED_MAX_SIZE")) {
    return fail("malformed", `the response is far longer than any completion: ${what}`);
  }
  if (error instanceof SyntaxError) return fail("malformed", `the response is no JSON: ${what}`);
  // fetch reports a connection that breaks while the body is read as a TypeError; the client wraps what comes earlier.
  if (error instanceof APIConnectionError || error instanceof TypeError || chain.some(codeOf)) {
    return fail("unreachable", `${what}. Check that the server runs and the address is right.`);
  }
  return fail("malformed", `the response can't be used: ${what}`);
}

/** A text without the key, should it hold it. */
function redact(text: string, apiKey: string): string {
  return apiKey.length < 4 ? text : text.replaceAll(apiKey, "[key]");
}

const ADVICE: Partial<Record<FailureKind, string>> = {
  unauthorized: ". Check the API key.",
  rejected: ". The server refuses this request: check model name, context length and parameters.",
};

function kindOfStatus(status: number): FailureKind {
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 408) return "timeout";
  if (status === 429) return "rate-limited";
  if (status >= 500) return "server";
  if (status >= 400) return "rejected";
  return "malformed";
}

/** An error and what caused it, outermost first; a failed connection to several addresses lists them. */
function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let cause = error; cause !== undefined && chain.length < 8; ) {
    chain.push(cause);
    const [first]: unknown[] = cause instanceof AggregateError ? cause.errors : [];
    cause = first ?? (cause instanceof Error ? cause.cause : undefined);
  }
  return chain;
}

function codeOf(cause: unknown): string | undefined {
  const code: unknown = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : undefined;
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || codeOf(cause) || cause.name;
}

function shorten(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= MAX_MESSAGE ? line : `${line.slice(0, MAX_MESSAGE)} …`;
}

const MAX_MESSAGE = 500;
