/** One JSON request to a tracker's server, limited in time; its errors never hold the key. */
import { RunError } from "../../core/errors.ts";

export interface JsonRequest {
  readonly url: string;
  readonly body: unknown;
  /** The whole Authorization header; left out if undefined. */
  readonly authorization?: string;
  readonly timeoutMs: number;
}

const SHOWN_CHARACTERS = 200;

/**
 * @returns the answer's JSON; undefined if it is empty
 * @throws {RunError} nobody answered in time, or not with success, or not with JSON
 */
export async function sendJson({ url, body, authorization, timeoutMs }: JsonRequest): Promise<unknown> {
  const place = placeOf(url);
  let text: string;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...(authorization === undefined ? {} : { authorization }) },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await response.text();
    if (!response.ok) {
      throw new RunError(`${place} answered ${response.status}: ${withoutSecret(text, authorization)}`);
    }
  } catch (cause) {
    if (cause instanceof RunError) throw cause;
    // The cause of a failed fetch may quote headers, so it is told by its message alone.
    throw new RunError(`${place} did not answer: ${withoutSecret(reasonOf(cause), authorization)}`);
  }
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    throw new RunError(`${place} answered with what is no JSON: ${withoutSecret(text, authorization)}`);
  }
}

/** Scheme, host and path. */
function placeOf(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}

function withoutSecret(text: string, authorization = ""): string {
  const credentials = authorization.split(" ").at(-1) ?? "";
  const decoded = Buffer.from(credentials, "base64").toString().split(":").at(-1) ?? "";
  let shown = text;
  for (const secret of [credentials, decoded]) if (secret.length > 3) shown = shown.replaceAll(secret, "[redacted]");
  return shown.slice(0, SHOWN_CHARACTERS);
}
