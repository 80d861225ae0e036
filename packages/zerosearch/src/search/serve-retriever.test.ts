import { describe, expect, test } from "vitest";
import { SearchError } from "../core/errors.ts";
import { FtsIndex } from "./local/fts-index.ts";
import type { QueryEngine } from "./search-engine.ts";
import { retrieverApp, serveRetriever } from "./serve-retriever.ts";
import { testQueryEngine } from "./testing/query-engine-conformance.ts";
import { searchR1Retriever } from "./wikipedia/search-r1-retriever.ts";
import { wikipediaRetriever } from "./wikipedia/wikipedia-retriever.ts";

const passages = [
  { id: "a", title: "Danube", text: "The Danube flows through ten countries" },
  { id: "b", title: "Rhine", text: "The Rhine flows to the sea" },
  { id: "c", text: "Rivers flow\nand flow" },
];

describe.each([
  ["the reference's contract", wikipediaRetriever],
  ["Search-R1's contract", searchR1Retriever],
])("%s, our client against our server", (_, client) => {
  testQueryEngine(async () => {
    const index = await FtsIndex.build(passages);
    const server = await serveRetriever(index, { port: 0 });
    const engine = client({ url: server.url });
    const close = async () => {
      await server.close();
      await index.close();
    };
    // The port differs from run to run.
    const identity = { engine: engine.name };
    return { engine: { name: engine.name, identity, search: engine.search, close }, known: "flow", unknown: "zebra" };
  });

  test("brings back the index's documents as they are, title, text and score", async () => {
    const index = await FtsIndex.build(passages);
    const server = await serveRetriever(index, { port: 0 });
    const options = { topK: 3 };
    expect(await client({ url: server.url }).search("flows", options)).toEqual(await index.search("flows", options));
    await server.close();
    await index.close();
  });
});

const scripted = (search: QueryEngine["search"]): QueryEngine => ({
  name: "scripted",
  identity: { of: "test" },
  search,
});
const found = scripted(async (query) => [{ id: "1", title: "T", text: `about ${query}`, score: 2 }, { text: "bare" }]);

const post = (engine: QueryEngine, body: unknown) =>
  retrieverApp(engine).request("/retrieve", {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

describe("answers", () => {
  test("the reference gets an array of documents", async () => {
    const response = await post(found, { query: "x", top_k: 2 });
    expect(await response.json()).toEqual([{ id: "1", title: "T", text: "about x", score: 2 }, { text: "bare" }]);
  });

  test("Search-R1 gets a list per query, in the queries' order, with scores if it asks", async () => {
    const scored = await post(found, { queries: ["x", "y"], topk: 2, return_scores: true });
    const list = (query: string) => [
      { document: { id: "1", contents: `"T"\nabout ${query}` }, score: 2 },
      { document: { contents: "bare" }, score: 0 },
    ];
    expect(await scored.json()).toEqual({ result: [list("x"), list("y")] });
    for (const body of [{ queries: ["x"], topk: 2, return_scores: false }, { queries: ["x"] }]) {
      const bare = await post(found, body);
      expect(await bare.json()).toEqual({ result: [[{ id: "1", contents: '"T"\nabout x' }, { contents: "bare" }]] });
    }
    expect(await (await post(found, { queries: [] })).json()).toEqual({ result: [] });
  });

  test("topK reaches the engine, 3 where Search-R1 leaves it out", async () => {
    const seen: number[] = [];
    const engine = scripted(async (_, { topK }) => {
      seen.push(topK);
      return [];
    });
    await post(engine, { query: "x", top_k: 7 });
    await post(engine, { queries: ["x"], topk: 5 });
    await post(engine, { queries: ["x"] });
    expect(seen).toEqual([7, 5, 3]);
  });

  test("health names the engine", async () => {
    const response = await retrieverApp(found).request("/health");
    expect(await response.json()).toEqual({ status: "ok", engine: "scripted", identity: { of: "test" } });
  });
});

describe("requests that can't be answered", () => {
  test.each([
    ["not JSON", "{"],
    ["no object", "5"],
    ["null", "null"],
    ["no query", { top_k: 3 }],
    ["a number as query", { query: 5, top_k: 3 }],
    ["no topK", { query: "x" }],
    ["topK 0", { query: "x", top_k: 0 }],
    ["a huge topK", { query: "x", top_k: 1e9 }],
    ["a text as topK", { queries: ["x"], topk: "3" }],
    ["queries that are no list", { queries: "x" }],
    ["too many queries", { queries: Array.from({ length: 1025 }, () => "x") }],
  ])("%s is 400 and says what was expected", async (_, body) => {
    const response = await post(found, body);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("Expected {query, top_k} or {queries, topk, return_scores}.");
  });

  test("a body above the limit is 413, another path 404", async () => {
    const response = await post(found, { query: "x".repeat(5_000_000), top_k: 1 });
    expect(response.status).toBe(413);
    expect((await retrieverApp(found).request("/search")).status).toBe(404);
  });

  test("an engine's failure becomes a status, Retry-After included; a mistake of ours stays inside", async () => {
    const failing = (error: Error) =>
      post(
        scripted(() => Promise.reject(error)),
        { query: "x", top_k: 1 },
      );
    const limited = await failing(new SearchError("slow down", { kind: "rate-limited", retryAfterMs: 1500 }));
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([429, "2"]);
    expect((await failing(new SearchError("down", { kind: "unreachable" }))).status).toBe(502);
    expect((await failing(new SearchError("late", { kind: "timeout" }))).status).toBe(504);
    const ours = await failing(new TypeError("secret detail"));
    expect(ours.status).toBe(500);
    expect(await ours.text()).not.toContain("secret detail");
  });
});

test("it listens on this machine only by default, frees its port, and says when a port is taken", async () => {
  const first = await serveRetriever(found, { port: 0 });
  expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const port = Number(new URL(first.url).port);
  await expect(serveRetriever(found, { port })).rejects.toThrow(/EADDRINUSE/);
  await first.close();
  const second = await serveRetriever(found, { port });
  await second.close();
});
