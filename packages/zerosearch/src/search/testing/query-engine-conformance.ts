/**
 * What every {@link QueryEngine} promises, as tests: `testQueryEngine` for whatever can be searched, `testHttpEngine`
 * for what asks a service, which is played by a server on this machine.
 */
import { expect, test } from "vitest";
import { ConfigError, type FailureKind, SearchError } from "../../core/errors.ts";
import type { Document, QueryEngine } from "../search-engine.ts";
import { type Answerer, answerJson, answerStatus, LoopbackServer, type ReceivedRequest } from "./loopback-server.ts";

/** An engine with at least three documents for `known` and none for `unknown`. */
export interface EngineUnderTest {
  readonly engine: QueryEngine;
  readonly known: string;
  readonly unknown: string;
}

/** @param open  called anew by each test, which closes the engine */
export function testQueryEngine(open: () => Promise<EngineUnderTest>): void {
  const withEngine = async (body: (under: EngineUnderTest) => Promise<void>) => {
    const under = await open();
    try {
      await body(under);
    } finally {
      await under.engine.close?.();
    }
  };

  test("finds documents with text, and never more than topK", () =>
    withEngine(async ({ engine, known }) => {
      for (const topK of [1, 2, 3]) {
        const documents = await engine.search(known, { topK });
        expect(documents).toHaveLength(topK);
        for (const { text } of documents) expect(text).not.toBe("");
      }
    }));

  test("fewer documents are the first of more", () =>
    withEngine(async ({ engine, known }) => {
      const three = await engine.search(known, { topK: 3 });
      expect(await engine.search(known, { topK: 2 })).toEqual(three.slice(0, 2));
    }));

  test("finding nothing is no failure, and neither is a blank query", () =>
    withEngine(async ({ engine, unknown }) => {
      for (const query of [unknown, "", "  \n"]) expect(await engine.search(query, { topK: 3 })).toEqual([]);
    }));

  test("a query may hold any character", () =>
    withEngine(async ({ engine }) => {
      for (const query of ["Čapek 東京 🦊 \"'&?#%=/\\", "a\u0000b", "half \uD83D", "x".repeat(5000)]) {
        expect(Array.isArray(await engine.search(query, { topK: 3 }))).toBe(true);
      }
    }));

  test("topK that is no positive integer is a mistake of the caller", () =>
    withEngine(async ({ engine, known }) => {
      for (const topK of [0, -3, 0.5, Number.NaN])
        await expect(engine.search(known, { topK })).rejects.toThrow(ConfigError);
    }));

  test("a search that was aborted before it began fails as aborted", () =>
    withEngine(async ({ engine, known }) => {
      const call = engine.search(known, { topK: 1, signal: AbortSignal.abort() });
      await expect(call).rejects.toMatchObject({ name: "SearchError", kind: "aborted" });
    }));

  test("its identity is plain data and the same each time", async () => {
    const identities: unknown[] = [];
    for (let at = 0; at < 2; at++) await withEngine(async ({ engine }) => void identities.push(engine.identity));
    expect(identities[0]).toEqual(identities[1]);
    expect(JSON.parse(JSON.stringify(identities[0]))).toEqual(identities[0]);
  });
}

/** How a service's contract is played. */
export interface HttpEngineUnderTest {
  readonly open: (url: string, timeoutMs: number) => QueryEngine;
  /** The service's answer with these documents. */
  readonly answer: (documents: readonly Required<Pick<Document, "title" | "text">>[]) => unknown;
  /** The query as the service received it. */
  readonly queryOf: (request: ReceivedRequest) => unknown;
  /** What the engine was opened with and must never show. */
  readonly secret?: string;
}

const DOCUMENTS = ["one", "two", "three", "four"].map((text) => ({ title: `Title ${text}`, text: `Text ${text}.` }));
const PATIENT_MS = 60_000;

const FAILURES: readonly [string, FailureKind, Answerer][] = [
  ["400", "rejected", answerStatus(400)],
  ["401", "unauthorized", answerStatus(401)],
  ["403", "unauthorized", answerStatus(403)],
  ["404", "rejected", answerStatus(404)],
  ["429", "rate-limited", answerStatus(429)],
  ["500", "server", answerStatus(500)],
  ["503", "server", answerStatus(503)],
  ["a redirect", "rejected", answerStatus(302, { location: "/elsewhere" })],
  ["nothing at all", "malformed", (response) => response.end()],
  ["a web page", "malformed", (response) => response.end("<html>welcome</html>")],
  ["JSON that ends too early", "malformed", (response) => response.end('{"result": [[')],
  ["another form of JSON", "malformed", answerJson({ result: 5, results: 5, organic: 5, organic_results: 5, web: 5 })],
  ["a closed connection", "unreachable", (response) => response.destroy()],
  ["half an answer and a closed connection", "unreachable", halfAnswer],
];

/** Announces more than it sends, and hangs up once that has gone out. */
function halfAnswer(...[response]: Parameters<Answerer>): void {
  response.writeHead(200, { "content-type": "application/json", "content-length": "1000" });
  response.write('{"result": [[', () => response.destroy());
}

export function testHttpEngine(under: HttpEngineUnderTest): void {
  const { open, answer, queryOf, secret } = under;

  test("documents come in the service's order, title and text apart, cut at topK", async () => {
    await using server = await LoopbackServer.start(answerJson(answer(DOCUMENTS)));
    const engine = open(server.url, PATIENT_MS);
    expect(await engine.search("q", { topK: 3 })).toMatchObject(DOCUMENTS.slice(0, 3));
    expect(await engine.search("q", { topK: 100 })).toMatchObject(DOCUMENTS);
    expect(server.requests).toHaveLength(2);
  });

  test("the service receives the query as it was written, and blank ones never", async () => {
    await using server = await LoopbackServer.start(answerJson(answer([])));
    const engine = open(server.url, PATIENT_MS);
    const queries = ["plain", "Čapek 東京 🦊", 'a&b=c?d#e%20"f"\\', "two\nlines"];
    for (const query of [...queries, "", " \t"]) expect(await engine.search(query, { topK: 2 })).toEqual([]);
    expect(server.requests.map(queryOf)).toEqual(queries);
  });

  test.each(FAILURES)("%s fails as %s, after one request", async (_, kind, answerer) => {
    await using server = await LoopbackServer.start(answerer);
    const error = await failure(open(server.url, PATIENT_MS));
    expect(error.kind).toBe(kind);
    expect(error.message).toContain(new URL(server.url).host);
    expect(server.requests).toHaveLength(1);
  });

  test("Retry-After in seconds is heard", async () => {
    await using server = await LoopbackServer.start(answerStatus(429, { "retry-after": "7" }));
    expect((await failure(open(server.url, PATIENT_MS))).retryAfterMs).toBe(7000);
  });

  test.each<[string, Answerer]>([
    ["never answers", () => undefined],
    ["stops in the middle", (response) => void response.write("{")],
  ])("a service that %s is given up after the time limit", async (_, answerer) => {
    await using server = await LoopbackServer.start(answerer);
    expect((await failure(open(server.url, 30))).kind).toBe("timeout");
  });

  test("an abort ends a search that is under way", async () => {
    const controller = new AbortController();
    await using server = await LoopbackServer.start(() => controller.abort());
    expect((await failure(open(server.url, PATIENT_MS), controller.signal)).kind).toBe("aborted");
  });

  test("nobody at the address is unreachable", async () => {
    const server = await LoopbackServer.start(answerStatus(200));
    const { url } = server;
    await server[Symbol.asyncDispose]();
    expect((await failure(open(url, PATIENT_MS))).kind).toBe("unreachable");
  });

  test("the key is in no error, not even when the service repeats it, nor in the identity", async () => {
    await using server = await LoopbackServer.start((response, { url, headers }) => {
      response.writeHead(403);
      response.end(`denied: ${url.href} ${JSON.stringify(headers)}`);
    });
    const engine = open(server.url, PATIENT_MS);
    const error = await failure(engine);
    const shown = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)} ${JSON.stringify(engine.identity)}`;
    expect(shown).toContain("denied");
    for (const form of secret === undefined ? [] : [secret, encodeURIComponent(secret), secret.slice(0, 9)]) {
      expect(shown).not.toContain(form);
    }
  });
}

async function failure(engine: QueryEngine, signal?: AbortSignal): Promise<SearchError> {
  const outcome = await engine.search("q", { topK: 2, ...(signal && { signal }) }).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(SearchError);
  return outcome as SearchError;
}
