import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ConfigError, DataError } from "../core/errors.ts";
import { createSearchEngine } from "./create-search-engine.ts";
import { FtsIndex } from "./local/fts-index.ts";
import { searchEngineConfigSchema } from "./search-engine-config.ts";
import { readKey } from "./secrets.ts";
import { answerJson, answerStatus, LoopbackServer } from "./testing/loopback-server.ts";

const folder = mkdtempSync(join(tmpdir(), "zerosearch-create-"));
afterAll(() => rmSync(folder, { recursive: true }));

const create = (config: unknown, environment: Record<string, string> = {}) =>
  createSearchEngine(searchEngineConfigSchema.parse(config), environment);

describe("keys", () => {
  test.each([
    ["serpapi", /SERPAPI_API_KEY or SER_API_KEY/],
    ["serper", /SERPER_API_KEY/],
    ["brave", /BRAVE_API_KEY/],
    ["tavily", /TAVILY_API_KEY/],
  ])("%s without a key is refused at once, and the variable is named", (engine, message) => {
    expect(() => create({ engine })).toThrow(ConfigError);
    expect(() => create({ engine })).toThrow(message);
    expect(() =>
      create({ engine }, { SERPAPI_API_KEY: " ", SERPER_API_KEY: "", BRAVE_API_KEY: "", TAVILY_API_KEY: "" }),
    ).toThrow(message);
  });

  test("the reference's variable is taken where ours is missing", () => {
    expect(readKey("serpapi", { SER_API_KEY: " theirs\n" })).toBe("theirs");
    expect(readKey("serpapi", { SER_API_KEY: "theirs", SERPAPI_API_KEY: "ours" })).toBe("ours");
  });

  test("the key is sent, and is in no part of the engine that is written down", async () => {
    await using server = await LoopbackServer.start(answerJson({ results: [] }));
    const engine = create({ engine: "tavily", url: server.url }, { TAVILY_API_KEY: "tv-1" });
    await engine.search("q", { topK: 1 });
    expect(server.requests[0]?.headers.authorization).toBe("Bearer tv-1");
    expect(JSON.stringify(engine.identity)).not.toContain("tv-1");
  });
});

describe("configurations", () => {
  test.each([
    ["an unknown engine", { engine: "simulate" }],
    ["no engine", {}],
    ["a key in the configuration", { engine: "serper", key: "x" }],
    ["a setting of another engine", { engine: "brave", answerBox: true }],
    ["an address that is none", { engine: "searxng", url: "localhost" }],
    ["no address where one is needed", { engine: "search-r1-retriever" }],
    ["no attempts", { engine: "serper", maxAttempts: 0 }],
    ["an index without a name", { engine: "local", index: "" }],
  ])("%s is refused", (_, config) => {
    expect(searchEngineConfigSchema.safeParse(config).success).toBe(false);
  });

  test.each([
    { engine: "serpapi" },
    { engine: "serper" },
    { engine: "brave" },
    { engine: "tavily" },
    { engine: "searxng", url: "http://127.0.0.1:1" },
    { engine: "wikipedia-retriever", url: "http://127.0.0.1:1" },
    { engine: "search-r1-retriever", url: "http://127.0.0.1:1" },
  ])("$engine can be made", async (config) => {
    const names = ["SERPAPI_API_KEY", "SERPER_API_KEY", "BRAVE_API_KEY", "TAVILY_API_KEY"];
    const engine = create(config, Object.fromEntries(names.map((name) => [name, "k"])));
    expect(engine.name).toBe(config.engine);
    await engine.close?.();
  });

  test("a local index is opened, or its absence said", async () => {
    const path = join(folder, "index");
    await (await FtsIndex.build([{ id: "1", text: "the river Danube" }], { path })).close();
    const engine = create({ engine: "local", index: path });
    expect((await engine.search("danube", { topK: 3 })).map(({ id }) => id)).toEqual(["1"]);
    await engine.close?.();
    expect(() => create({ engine: "local", index: join(folder, "none") })).toThrow(DataError);
  });
});

test("a run is repeated from its cache without key or network, and the recording holds both", async () => {
  const config = {
    engine: "serper",
    recordTo: join(folder, "recorded.jsonl"),
    cache: { folder: join(folder, "cache") },
  };
  const server = await LoopbackServer.start(answerJson({ organic: [{ title: "T", snippet: "text" }] }));
  const { url } = server;
  const online = create({ ...config, url }, { SERPER_API_KEY: "k" });
  const found = await online.search("q", { topK: 5 });
  await server[Symbol.asyncDispose]();
  const offline = create({ ...config, url, cache: { ...config.cache, offline: true } });
  expect(await offline.search("q", { topK: 5 })).toEqual(found);
  await expect(offline.search("new", { topK: 5 })).rejects.toThrow(/offline/);
  const lines = readFileSync(config.recordTo, "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line).query)).toEqual(["q", "q"]);
});

test("attempts are bounded by the configuration", async () => {
  await using server = await LoopbackServer.start(answerStatus(503));
  const engine = create({ engine: "wikipedia-retriever", url: server.url, maxAttempts: 1 });
  await expect(engine.search("q", { topK: 1 })).rejects.toMatchObject({ kind: "server" });
  expect(server.requests).toHaveLength(1);
});
