import { describe, expect, test } from "vitest";
import { ConfigError } from "../../core/errors.ts";
import type { QueryEngine } from "../search-engine.ts";
import { answerJson, LoopbackServer, type ReceivedRequest } from "../testing/loopback-server.ts";
import { testHttpEngine, testQueryEngine } from "../testing/query-engine-conformance.ts";
import { searchR1Retriever } from "../wikipedia/search-r1-retriever.ts";
import { wikipediaRetriever } from "../wikipedia/wikipedia-retriever.ts";
import { brave } from "./brave.ts";
import { searxng } from "./searxng.ts";
import { serpApi } from "./serpapi.ts";
import { serper } from "./serper.ts";
import { tavily } from "./tavily.ts";

interface Page {
  readonly title: string;
  readonly text: string;
}

interface Contract {
  readonly open: (url: string, timeoutMs?: number) => QueryEngine;
  readonly answer: (pages: readonly Page[]) => unknown;
  /** What must have been sent for query "q" and topK 3. */
  readonly sent: (request: ReceivedRequest) => unknown;
  readonly expected: unknown;
  readonly queryOf: (request: ReceivedRequest) => unknown;
  readonly hasKey: boolean;
}

const KEY = "sk-secret/+ 1";
const link = "https://example.org/";
const timed = (timeoutMs: number | undefined) => (timeoutMs === undefined ? {} : { timeoutMs });
const body = (request: ReceivedRequest) => JSON.parse(request.body) as Record<string, unknown>;
const parameters = ({ url }: ReceivedRequest) => ({ path: url.pathname, ...Object.fromEntries(url.searchParams) });

const contracts: Record<string, Contract> = {
  serpapi: {
    open: (url, timeoutMs) => serpApi({ key: KEY, url: `${url}/search.json`, ...timed(timeoutMs) }),
    answer: (pages) => ({ organic_results: pages.map(({ title, text }) => ({ title, snippet: text, link })) }),
    sent: parameters,
    expected: { path: "/search.json", engine: "google", q: "q", num: "3", api_key: KEY },
    queryOf: ({ url }) => url.searchParams.get("q"),
    hasKey: true,
  },
  serper: {
    open: (url, timeoutMs) => serper({ key: KEY, url, ...timed(timeoutMs) }),
    answer: (pages) => ({ organic: pages.map(({ title, text }) => ({ title, snippet: text, link })) }),
    sent: (request) => ({ ...body(request), key: request.headers["x-api-key"] }),
    expected: { q: "q", num: 3, key: KEY },
    queryOf: (request) => body(request).q,
    hasKey: true,
  },
  brave: {
    open: (url, timeoutMs) => brave({ key: KEY, url, ...timed(timeoutMs) }),
    answer: (pages) => ({
      web: { results: pages.map(({ title, text }) => ({ title, description: text, url: link })) },
    }),
    sent: (request) => ({ ...parameters(request), key: request.headers["x-subscription-token"] }),
    expected: { path: "/", q: "q", count: "3", text_decorations: "false", key: KEY },
    queryOf: ({ url }) => url.searchParams.get("q"),
    hasKey: true,
  },
  tavily: {
    open: (url, timeoutMs) => tavily({ key: KEY, url, ...timed(timeoutMs) }),
    answer: (pages) => ({ results: pages.map(({ title, text }) => ({ title, content: text, url: link, score: 0.5 })) }),
    sent: (request) => ({ ...body(request), key: request.headers.authorization }),
    expected: { query: "q", max_results: 3, key: `Bearer ${KEY}` },
    queryOf: (request) => body(request).query,
    hasKey: true,
  },
  searxng: {
    open: (url, timeoutMs) => searxng({ url, ...timed(timeoutMs) }),
    answer: (pages) => ({ results: pages.map(({ title, text }) => ({ title, content: text, url: link })) }),
    sent: parameters,
    expected: { path: "/search", q: "q", format: "json" },
    queryOf: ({ url }) => url.searchParams.get("q"),
    hasKey: false,
  },
  "wikipedia-retriever": {
    open: (url, timeoutMs) => wikipediaRetriever({ url, ...timed(timeoutMs) }),
    answer: (pages) => pages.map((page, at) => ({ ...page, id: at, score: 1 })),
    sent: (request) => ({ path: request.url.pathname, ...body(request) }),
    expected: { path: "/retrieve", query: "q", top_k: 3 },
    queryOf: (request) => body(request).query,
    hasKey: false,
  },
  "search-r1-retriever": {
    open: (url, timeoutMs) => searchR1Retriever({ url, ...timed(timeoutMs) }),
    answer: (pages) => ({
      result: [
        pages.map(({ title, text }, at) => ({ document: { id: `${at}`, contents: `"${title}"\n${text}` }, score: 1 })),
      ],
    }),
    sent: (request) => ({ path: request.url.pathname, ...body(request) }),
    expected: { path: "/retrieve", queries: ["q"], topk: 3, return_scores: true },
    queryOf: (request) => (body(request).queries as unknown[])[0],
    hasKey: false,
  },
};

describe.each(Object.entries(contracts))("%s", (_, { open, answer, sent, expected, queryOf, hasKey }) => {
  const pages = [1, 2, 3, 4, 5].map((at) => ({ title: `T${at}`, text: `text ${at}` }));

  testHttpEngine({ open, answer, queryOf, ...(hasKey && { secret: KEY }) });

  describe("as an engine", () => {
    testQueryEngine(async () => {
      const server = await LoopbackServer.start((response, request) =>
        answerJson(answer(queryOf(request) === "known" ? pages : []))(response, request),
      );
      // A fixed address in the identity; the true one differs from run to run.
      const engine = open(server.url);
      const identity = JSON.parse(JSON.stringify(engine.identity).replace(server.url, "http://loopback"));
      const close = () => server[Symbol.asyncDispose]();
      return {
        engine: { name: engine.name, identity, search: engine.search, close },
        known: "known",
        unknown: "unknown",
      };
    });
  });

  test("what is sent is what the service documents", async () => {
    await using server = await LoopbackServer.start(answerJson(answer([])));
    await open(server.url).search("q", { topK: 3 });
    expect(server.requests.map(sent)).toEqual([expected]);
  });
});

describe("keys", () => {
  test.each([
    ["serpapi", serpApi],
    ["serper", serper],
    ["brave", brave],
    ["tavily", tavily],
  ])("%s without one refuses before anything is sent", async (name, make) => {
    await using server = await LoopbackServer.start(answerJson({}));
    for (const key of [undefined, ""]) {
      const call = make({ key, url: server.url }).search("q", { topK: 1 });
      await expect(call).rejects.toMatchObject({ kind: "unauthorized", message: expect.stringContaining(name) });
    }
    expect(server.requests).toEqual([]);
  });

  test("an address may hold neither password nor parameters, and must be http", () => {
    for (const url of ["http://user:pw@host/", "http://host/?api_key=x", "ftp://host", "host:80/x", ""]) {
      expect(() => wikipediaRetriever({ url })).toThrow(ConfigError);
    }
    expect(() => wikipediaRetriever({ url: "http://user:hunter2@host/" })).not.toThrow(/hunter2/);
  });
});

describe("what only one service has", () => {
  const box = { title: "Capital", answer: "Paris", link };
  const organic = [{ title: "A", snippet: "a" }, { title: "B" }, { snippet: "c" }, {}];

  test("Google's answer box comes first where it is asked for, and counts", async () => {
    await using server = await LoopbackServer.start(
      answerJson({ answer_box: box, organic_results: organic, answerBox: box, organic }),
    );
    for (const make of [serpApi, serper]) {
      const withBox = await make({ key: KEY, url: server.url, answerBox: true }).search("q", { topK: 2 });
      expect(withBox).toEqual([
        { title: "Capital", text: "Paris", url: link },
        { title: "A", text: "a" },
      ]);
      const without = await make({ key: KEY, url: server.url }).search("q", { topK: 9 });
      expect(without).toEqual([{ title: "A", text: "a" }, { title: "B", text: "" }, { text: "c" }]);
    }
  });

  test("SerpApi's empty page is empty, its other errors are errors", async () => {
    await using server = await LoopbackServer.start(
      answerJson({ error: "Google hasn't returned any results for this query." }),
    );
    const engine = serpApi({ key: KEY, url: server.url });
    expect(await engine.search("q", { topK: 1 })).toEqual([]);
    server.answer = answerJson({ error: "Invalid engine." });
    await expect(engine.search("q", { topK: 1 })).rejects.toMatchObject({ kind: "rejected" });
  });

  test("Search-R1's servers may answer without scores", async () => {
    await using server = await LoopbackServer.start(
      answerJson({ result: [[{ id: 3, contents: '"Rhine"\nA river.' }]] }),
    );
    const documents = await searchR1Retriever({ url: server.url }).search("q", { topK: 1 });
    expect(documents).toEqual([{ id: "3", title: "Rhine", text: "A river." }]);
  });

  test("the retrievers' addresses may be given with their path", async () => {
    await using server = await LoopbackServer.start(answerJson([]));
    await wikipediaRetriever({ url: `${server.url}/retrieve/` }).search("q", { topK: 1 });
    expect(server.requests[0]?.url.pathname).toBe("/retrieve");
  });

  test("an endless answer is cut off", async () => {
    const megabyte = "x".repeat(1024 * 1024);
    await using server = await LoopbackServer.start((response) => {
      const more = () => {
        while (!response.destroyed && response.write(megabyte));
      };
      response.on("drain", more);
      more();
    });
    const call = wikipediaRetriever({ url: server.url, timeoutMs: 60_000 }).search("q", { topK: 1 });
    await expect(call).rejects.toMatchObject({ kind: "malformed", message: expect.stringContaining("16777216 bytes") });
  });

  test("Retry-After as a date is a time from now", async () => {
    await using server = await LoopbackServer.start((response) => {
      response.writeHead(503, { "retry-after": new Date(Date.now() + 3_600_000).toUTCString() });
      response.end();
    });
    const error = await wikipediaRetriever({ url: server.url })
      .search("q", { topK: 1 })
      .catch((thrown) => thrown);
    expect(error.retryAfterMs / 60_000).toBeGreaterThan(50);
    expect(error.retryAfterMs / 60_000).toBeLessThanOrEqual(60);
  });
});
