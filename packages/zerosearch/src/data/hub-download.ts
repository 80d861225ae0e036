/**
 * One file of a repository on the Hugging Face hub, kept in a folder. What is there is not asked for again, so that
 * everything works without network once it has been downloaded. A download that broke off goes on where it stopped, and
 * what arrives is held against the checksum that the hub names: SHA-256 of large files, git's own of small ones.
 */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { withBoundedRetry } from "../core/bounded-retry.ts";
import { startDeadline } from "../core/deadline.ts";
import { type Environment, processEnvironment } from "../core/environment.ts";
import { DataError } from "../core/errors.ts";
import { parseRetryAfter } from "../core/retry-after.ts";

export interface HubFile {
  /** Such as `RUC-NLPIR/FlashRAG_datasets`. */
  readonly repository: string;
  /** Its path there, such as `nq/test.jsonl`. */
  readonly file: string;
  /** A branch, tag or commit; `main` by default. A branch that moves on is not noticed once the file is here. */
  readonly revision?: string;
  readonly kind: "dataset" | "model";
  /** Made if need be. */
  readonly cacheFolder: string;
}

export interface HubProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface HubDownloadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: HubProgress) => void;
  /** `HF_TOKEN` for repositories that are not open to all, `HF_ENDPOINT` for a mirror. The process's own by default. */
  readonly environment?: Environment;
}

/**
 * Downloads a file unless it is there. Two processes should not download the same file at the same time.
 *
 * @returns its path on this machine
 * @throws {DataError} there is no such file, it may not be read, the hub can't be reached, or what arrived is not what
 *   the hub has
 * @throws the signal's reason; what had arrived stays for the next time
 */
export async function downloadFromHub(file: HubFile, options: HubDownloadOptions = {}): Promise<string> {
  const path = localPath(file);
  if ((await sizeOf(path)) !== undefined) return path;
  const { signal, onProgress, environment = processEnvironment() } = options;
  const request = requestOf(file, environment);
  const facts = await askFacts(request, signal);
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${facts.checksum.slice(0, 16)}.part`;
  const retry = { retries: 4, minDelayMs: 500, maxDelayMs: 8000, maxDemandedDelayMs: 60_000, jitter: () => 0.5 };
  await withBoundedRetry(() => transfer(request, { facts, partial, signal, onProgress }), {
    ...retry,
    isTransient: (error) => error instanceof BrokenOff,
    demandedDelayMs: (error) => (error instanceof BrokenOff ? error.retryAfterMs : 0),
    ...(signal && { signal }),
  });
  if ((await checksumOf(partial, facts)) !== facts.checksum) {
    await rm(partial);
    throw new DataError(
      `${request.what}: what arrived has not the checksum ${facts.checksum} that the hub names. It was removed: try again.`,
    );
  }
  await rename(partial, path);
  return path;
}

/** Where downloads are kept if nobody says otherwise: `zerosearch` in the user's folder for caches. */
export function defaultCacheFolder(environment: Environment = processEnvironment()): string {
  const { XDG_CACHE_HOME: caches } = environment;
  return join(caches ? caches : join(homedir(), ".cache"), "zerosearch");
}

/** How the hub is asked for one file. */
interface HubRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** For messages. */
  readonly what: string;
  readonly hasToken: boolean;
  /** Where the file could be put by hand. */
  readonly path: string;
}

interface HubFacts {
  readonly sizeBytes: number;
  /** Hexadecimal. */
  readonly checksum: string;
}

/** A transfer that may succeed if it goes on. */
class BrokenOff extends DataError {
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs = 0) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

function localPath({ repository, file, revision = "main", kind, cacheFolder }: HubFile): string {
  const parts = [...repository.split("/"), ...file.split("/"), ...revision.split("/")];
  const isPath = parts.every((part) => /^[^\\\0]+$/u.test(part) && part !== "." && part !== "..");
  if (!isPath || repository.split("/").length > 2) {
    throw new DataError(`expected a repository such as owner/name and a file in it, got ${repository} and ${file}`);
  }
  return join(cacheFolder, `${kind}s`, repository, revision, file);
}

function requestOf(hubFile: HubFile, environment: Environment): HubRequest {
  const { repository, file, revision = "main", kind } = hubFile;
  const endpoint = environment.HF_ENDPOINT?.trim() || "https://huggingface.co";
  if (!URL.canParse(endpoint)) throw new DataError(`HF_ENDPOINT must be an address, got ${endpoint}`);
  const escaped = file.split("/").map(encodeURIComponent).join("/");
  const folder = kind === "dataset" ? "datasets/" : "";
  const url = `${endpoint.replace(/\/+$/u, "")}/${folder}${repository}/resolve/${encodeURIComponent(revision)}/${escaped}`;
  const token = environment.HF_TOKEN?.trim();
  return {
    url: new URL(url),
    // Sizes and ranges are those of the file, not of some compressed form.
    headers: { "accept-encoding": "identity", ...(token && { authorization: `Bearer ${token}` }) },
    what: `${file} of ${kind} ${repository}`,
    hasToken: Boolean(token),
    path: localPath(hubFile),
  };
}

const MOST_REDIRECTS = 5;
const FACTS_TIMEOUT_MS = 30_000;

/** Size and checksum stand in the hub's own answer, which for large files sends on to a storage that knows neither. */
async function askFacts(request: HubRequest, signal: AbortSignal | undefined): Promise<HubFacts> {
  using deadline = startDeadline(FACTS_TIMEOUT_MS, signal);
  let { url } = request;
  for (let redirect = 0; redirect <= MOST_REDIRECTS; redirect++) {
    const options = { method: "HEAD", headers: request.headers, redirect: "manual", signal: deadline.signal } as const;
    const response = await fetch(url, options).catch((cause: unknown) => {
      signal?.throwIfAborted();
      throw unreachable(request, deadline.isExceeded ? `no answer in ${FACTS_TIMEOUT_MS / 1000} s` : reasonOf(cause));
    });
    if (response.status >= 400) throw refusal(request, response);
    const { headers } = response;
    const target = response.status >= 300 ? new URL(headers.get("location") ?? "", url) : undefined;
    if (!target || headers.has("x-linked-etag")) return factsOf(request, headers);
    // Within the hub, as for a repository that was renamed. The token goes nowhere else.
    if (target.origin !== url.origin) break;
    url = target;
  }
  throw new DataError(
    `${request.what}: ${request.url.origin} sends on from one address to the next. Check HF_ENDPOINT.`,
  );
}

function factsOf({ what }: HubRequest, headers: Headers): HubFacts {
  const tag = headers.get("x-linked-etag") ?? headers.get("etag") ?? "";
  const checksum = /^(?:W\/)?"?([0-9a-f]{64}|[0-9a-f]{40})"?$/u.exec(tag)?.[1];
  const size = headers.get("x-linked-size") ?? headers.get("content-length") ?? "";
  if (!checksum || !/^\d+$/u.test(size)) {
    throw new DataError(
      `${what}: expected the file's checksum and size from the hub, got ${JSON.stringify(tag)} and ${JSON.stringify(size)}. Check HF_ENDPOINT.`,
    );
  }
  return { checksum, sizeBytes: Number(size) };
}

interface Transfer {
  readonly facts: HubFacts;
  /** What has arrived so far. */
  readonly partial: string;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: HubProgress) => void) | undefined;
}

async function transfer(request: HubRequest, { facts, partial, signal, onProgress }: Transfer): Promise<void> {
  const totalBytes = facts.sizeBytes;
  const here = (await sizeOf(partial)) ?? 0;
  const keptBytes = here <= totalBytes ? here : 0;
  await using file = await open(partial, "a");
  if (keptBytes < here) await file.truncate();
  if (keptBytes === totalBytes) return;
  try {
    const range = keptBytes > 0 ? { range: `bytes=${keptBytes}-` } : {};
    // fetch itself leaves the token behind when it is sent to another host.
    const response = await fetch(request.url, { headers: { ...request.headers, ...range }, ...(signal && { signal }) });
    if (!response.ok) throw refusal(request, response);
    let doneBytes = response.status === 206 ? keptBytes : 0;
    if (doneBytes === 0) await file.truncate();
    for await (const bytes of response.body ?? []) {
      await file.appendFile(bytes);
      doneBytes += bytes.length;
      onProgress?.({ doneBytes, totalBytes });
    }
    if (doneBytes < totalBytes) throw new BrokenOff(`${request.what}: ended after ${doneBytes} of ${totalBytes} bytes`);
  } catch (cause) {
    signal?.throwIfAborted();
    throw cause instanceof DataError
      ? cause
      : new BrokenOff(`${request.what}: the connection broke: ${reasonOf(cause)}`);
  }
}

function refusal({ what, hasToken, url }: HubRequest, { status, headers }: Response): DataError {
  if (status === 401 || status === 403) {
    const remedy = hasToken ? "The token in HF_TOKEN does not open it" : "Set HF_TOKEN to a token that may read it";
    return new DataError(
      `${what}: ${url.origin} refuses it (${status}). It is private, needs its terms accepted, or does not exist. ${remedy}.`,
    );
  }
  if (status === 404) {
    const said = headers.get("x-error-message");
    return new DataError(
      `${what}: ${url.origin} has none (404${said ? `: ${said}` : ""}). Check repository, revision and file.`,
    );
  }
  if (status === 429 || status >= 500) {
    const message = `${what}: ${url.origin} answered ${status}. Try again later.`;
    return new BrokenOff(message, parseRetryAfter(headers.get("retry-after"), Date.now()));
  }
  return new DataError(`${what}: ${url.origin} answered ${status}`);
}

function unreachable({ what, url, path }: HubRequest, reason: string): DataError {
  return new DataError(
    `${what}: ${url.origin} can't be reached (${reason}). Without network, put the file at ${path}, or name a file of your own.`,
  );
}

/** The innermost cause says what happened; fetch's own message is "fetch failed". */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const inner = error instanceof AggregateError ? (error.errors as unknown[])[0] : error.cause;
  return inner === undefined ? error.message || error.name : reasonOf(inner);
}

async function checksumOf(path: string, { checksum, sizeBytes }: HubFacts): Promise<string> {
  const hash: Hash = checksum.length === 64 ? createHash("sha256") : createHash("sha1").update(`blob ${sizeBytes}\0`);
  for await (const bytes of createReadStream(path)) hash.update(bytes as Uint8Array);
  return hash.digest("hex");
}

/** Undefined if there is no such file. */
async function sizeOf(path: string): Promise<number | undefined> {
  const info = await stat(path).catch(() => undefined);
  return info?.isFile() ? info.size : undefined;
}
