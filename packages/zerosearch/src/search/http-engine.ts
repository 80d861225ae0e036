/** What all engines behind an HTTP service share: a file of theirs says what to send and how to read the answer. */
import type { z } from "zod";
import { ConfigError, SearchError } from "../core/errors.ts";
import { checkSearch } from "./check-search.ts";
import { requestJson } from "./http-json.ts";
import type { Document, QueryEngine } from "./search-engine.ts";

/** Settings that every such engine takes. */
export interface HttpEngineOptions {
  /** Another address of the service: a proxy, or a test. */
  readonly url?: string;
  /** For a whole answer; 10 s by default. */
  readonly timeoutMs?: number;
}

export interface KeyedEngineOptions extends HttpEngineOptions {
  /** The service's key. Without one every search is refused, before anything is sent. */
  readonly key: string | undefined;
}

/** One service's contract. */
export interface HttpEngineContract<T> {
  readonly name: string;
  /** Checked and completed by `endpoint`. */
  readonly url: string;
  readonly timeoutMs?: number | undefined;
  /** What changes results beside query and topK. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Present where the service wants a key, even if there is none. */
  readonly access?: { readonly key: string | undefined };
  readonly schema: z.ZodType<T>;
  readonly request: (call: HttpSearchCall) => {
    readonly url: URL;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: unknown;
  };
  /**
   * All documents of an answer, best first; more than topK may come.
   *
   * @throws {SearchError} the answer reports a failure
   */
  readonly documents: (answer: T) => readonly Document[];
}

interface HttpSearchCall {
  readonly query: string;
  readonly topK: number;
  readonly key: string;
  /** A copy to add parameters to. */
  readonly url: URL;
}

const TIMEOUT_MS = 10_000;

/**
 * A blank query finds nothing and sends nothing. Documents without text or title are left out, and never more than topK
 * come back, whatever the service sends.
 *
 * @throws {ConfigError} the address is no http(s) URL, or holds a password
 */
export function httpEngine<T>(contract: HttpEngineContract<T>): QueryEngine {
  const { name, access, schema, timeoutMs = TIMEOUT_MS, parameters = {} } = contract;
  const endpoint = readEndpoint(name, contract.url);
  const key = access?.key ?? "";
  return {
    name,
    identity: { engine: name, endpoint: endpoint.href, ...parameters },
    async search(query, options) {
      checkSearch(name, options);
      if (access !== undefined && key === "") {
        throw new SearchError(`${name} needs a key and has none: give it one.`, { kind: "unauthorized" });
      }
      if (query.trim() === "") return [];
      const { topK, signal } = options;
      const request = contract.request({ query, topK, key, url: new URL(endpoint) });
      const answer = await requestJson({ ...request, engine: name, schema, timeoutMs, signal, secrets: [key] });
      const documents = contract.documents(answer).filter(({ title = "", text }) => title + text !== "");
      return documents.slice(0, topK);
    },
  };
}

/** A document of what services send: any part may be missing. */
export function webDocument(parts: {
  readonly title?: string | null | undefined;
  readonly text?: string | null | undefined;
  readonly url?: string | null | undefined;
  readonly score?: number | null | undefined;
}): Document {
  const { title, text, url, score } = parts;
  return {
    text: text ?? "",
    ...(title && { title }),
    ...(url && { url }),
    ...(typeof score === "number" && { score }),
  };
}

function readEndpoint(engine: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/u.test(url.protocol)) {
    throw new ConfigError(
      `${engine}: ${JSON.stringify(text)} is no http or https address, such as http://127.0.0.1:8000.`,
    );
  }
  if (url.username !== "" || url.password !== "" || url.search !== "") {
    throw new ConfigError(`${engine}: the address of ${url.host} holds credentials or parameters: leave them out.`);
  }
  return url;
}

/** The address of a service's path, whether or not the base was given with it. */
export function withPath(base: string, path: string): string {
  const trimmed = base.replace(/\/+$/u, "");
  return trimmed.endsWith(path) ? trimmed : `${trimmed}${path}`;
}
