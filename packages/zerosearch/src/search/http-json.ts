/**
 * One JSON request to a search service, and every way it can fail as a {@link SearchError} of the right kind: bounded in
 * time and size, checked against a schema, without the caller's key in any message.
 */
import { fetch, type Response } from "undici";
import { z } from "zod";
import { type FailureKind, SearchError } from "../core/errors.ts";

export interface JsonRequest<T> {
  /** Named in errors. */
  readonly engine: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON by POST; without it the request is a GET. */
  readonly body?: unknown;
  readonly schema: z.ZodType<T>;
  /** For the whole answer, not only for its beginning. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Replaced wherever they would appear in an error. */
  readonly secrets?: readonly string[];
}

/** No page of results is as long; what is longer is no answer. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;
/** How much of a refusal is quoted. */
const QUOTED_CHARACTERS = 200;

/** @throws {SearchError} */
export async function requestJson<T>(request: JsonRequest<T>): Promise<T> {
  const fail = failureOf(request);
  const clock = new AbortController();
  const timer = setTimeout(() => clock.abort(), request.timeoutMs);
  const abort = () => clock.abort();
  request.signal?.addEventListener("abort", abort, { once: true });
  try {
    request.signal?.throwIfAborted();
    const response = await send(request, clock.signal);
    const text = await readBody(response);
    if (!response.ok) {
      const retryAfterMs = readRetryAfter(response.headers.get("retry-after"));
      throw fail(statusKind(response.status), `answered ${response.status}`, { retryAfterMs, quoted: text });
    }
    return checkBody(text, request.schema, fail);
  } catch (error) {
    if (error instanceof SearchError) throw error;
    if (error instanceof OversizeError) throw fail("malformed", error.message);
    if (request.signal?.aborted) throw fail("aborted", "was aborted");
    if (clock.signal.aborted) throw fail("timeout", `gave no complete answer in ${request.timeoutMs} ms`);
    throw fail("unreachable", `can't be reached: ${reasonOf(error)}`);
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener("abort", abort);
  }
}

/** `quoted` is what the other side said. */
type Fail = (
  kind: FailureKind,
  what: string,
  more?: { readonly retryAfterMs?: number | undefined; readonly quoted?: string },
) => SearchError;

/** Errors carry no cause: undici's may hold the URL, and with it a key. */
function failureOf({ engine, url, secrets = [] }: JsonRequest<unknown>): Fail {
  return (kind, what, { retryAfterMs, quoted } = {}) => {
    const said = quoted === undefined ? what : `${what}: ${quote(redact(quoted, secrets))}`;
    const message = redact(`${engine} (${url.origin}${url.pathname}) ${said}`, secrets);
    return new SearchError(message, { kind, ...(retryAfterMs !== undefined && { retryAfterMs }) });
  };
}

/** A redirect is not followed: it would carry the key to another host. */
function send({ url, headers, body }: JsonRequest<unknown>, signal: AbortSignal): Promise<Response> {
  const accept = { accept: "application/json", ...headers };
  if (body === undefined) return fetch(url, { headers: accept, redirect: "manual", signal });
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...accept },
    body: JSON.stringify(body),
    redirect: "manual",
    signal,
  });
}

class OversizeError extends Error {}

async function readBody(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > MAX_RESPONSE_BYTES) throw new OversizeError(`answered more than ${MAX_RESPONSE_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function checkBody<T>(text: string, schema: z.ZodType<T>, fail: Fail): T {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw fail("malformed", "answered what is no JSON", { quoted: text });
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw fail("malformed", "answered another form of JSON", { quoted: z.prettifyError(parsed.error) });
}

function statusKind(status: number): FailureKind {
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 429) return "rate-limited";
  if (status === 408) return "timeout";
  return status >= 500 ? "server" : "rejected";
}

/** Seconds or a date (RFC 9110 §10.2.3) → milliseconds from now. */
function readRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  if (/^\d+$/u.test(value.trim())) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** A key may come back as it is, or as a URL or a form spells it. */
function redact(message: string, secrets: readonly string[]): string {
  const forms = secrets
    .filter((secret) => secret !== "")
    .flatMap((secret) => [secret, encodeURIComponent(secret), new URLSearchParams({ secret }).toString().slice(7)]);
  return forms.reduce((redacted, form) => redacted.replaceAll(form, "[key]"), message);
}

function quote(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
  if (line === "") return "nothing";
  return line.length > QUOTED_CHARACTERS ? `${line.slice(0, QUOTED_CHARACTERS)}…` : line;
}

/** The innermost cause says what happened; undici's own message is "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause !== undefined) return reasonOf(error.cause);
  if (error instanceof AggregateError && error.message === "") return reasonOf(error.errors[0]);
  return error.message || error.name;
}
