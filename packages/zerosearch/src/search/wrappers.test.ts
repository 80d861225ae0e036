import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { type FailureKind, SearchError } from "../core/errors.ts";
import { checkSearch } from "./check-search.ts";
import { searchEngineOf } from "./lift.ts";
import type { Document, QueryEngine, SearchOptions } from "./search-engine.ts";
import { testQueryEngine } from "./testing/query-engine-conformance.ts";
import { withCache } from "./with-cache.ts";
import { withLimit } from "./with-limit.ts";
import { withRecording } from "./with-recording.ts";
import { withRetry } from "./with-retry.ts";

const root = mkdtempSync(join(tmpdir(), "zerosearch-wrappers-"));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;
const newFolder = () => join(root, `${folders++}`);

type Step = readonly Document[] | SearchError;

/** Plays a script, its last step for ever, and remembers what it was asked. */
class ScriptedEngine implements QueryEngine {
  readonly name = "scripted";
  readonly identity: Readonly<Record<string, unknown>>;
  readonly queries: string[] = [];
  isClosed = false;
  readonly #steps: Step[];

  constructor(steps: readonly Step[], identity: Readonly<Record<string, unknown>> = { script: 1 }) {
    this.#steps = [...steps];
    this.identity = identity;
  }

  async search(query: string, options: SearchOptions): Promise<readonly Document[]> {
    checkSearch(this.name, options);
    this.queries.push(query);
    const step = this.#steps.length > 1 ? this.#steps.shift() : this.#steps[0];
    if (step instanceof SearchError) throw step;
    return (step ?? []).slice(0, options.topK);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

const documents = [
  { text: "one", title: "T", id: "1", url: "http://x/", score: 0.25 },
  { text: "two" },
  { text: "three" },
];
const failed = (kind: FailureKind, retryAfterMs?: number) =>
  new SearchError(kind, { kind, ...(retryAfterMs !== undefined && { retryAfterMs }) });
const sleepless = () => {
  const pauses: number[] = [];
  return { pauses, sleep: async (ms: number) => void pauses.push(ms) };
};
const byQuery: QueryEngine = {
  name: "by-query",
  identity: { by: "query" },
  async search(query, options) {
    checkSearch("by-query", options);
    return query === "known" ? documents.slice(0, options.topK) : [];
  },
};

describe.each<[string, (engine: QueryEngine) => QueryEngine]>([
  ["retry", (engine) => withRetry(engine)],
  ["limit", (engine) => withLimit(engine, { maxConcurrent: 2, maxPerSecond: 1000 })],
  ["cache", (engine) => withCache(engine, { folder: newFolder() })],
  ["recording", (engine) => withRecording(engine, { path: join(newFolder(), "a.jsonl") })],
])("with %s", (_, wrap) => {
  describe("an engine stays one", () => {
    testQueryEngine(async () => ({ engine: wrap(byQuery), known: "known", unknown: "unknown" }));
  });

  test("name, identity and errors are the engine's, and closing closes it", async () => {
    const error = failed("rejected");
    const engine = new ScriptedEngine([error]);
    const wrapped = wrap(engine);
    expect([wrapped.name, wrapped.identity]).toEqual([engine.name, engine.identity]);
    await expect(wrapped.search("q", { topK: 1 })).rejects.toBe(error);
    await wrapped.close?.();
    expect(engine.isClosed).toBe(true);
  });
});

describe("retries", () => {
  test("failures that may pass are tried again, after pauses that double and are shortened by at most half", async () => {
    const engine = new ScriptedEngine([failed("timeout"), failed("server"), failed("unreachable"), documents]);
    const { pauses, sleep } = sleepless();
    const found = await withRetry(engine, { firstPauseMs: 100, sleep }).search("q", { topK: 3 });
    expect(found).toEqual(documents);
    expect(engine.queries).toHaveLength(4);
    for (const [at, longest] of [100, 200, 400].entries()) {
      expect(pauses[at]).toBeGreaterThan(longest / 2);
      expect(pauses[at]).toBeLessThanOrEqual(longest);
    }
    expect(pauses).toHaveLength(3);
  });

  test("they end: after the last attempt the last failure stands, without a pause after it", async () => {
    const last = failed("server");
    const engine = new ScriptedEngine([failed("server"), failed("server"), last]);
    const { pauses, sleep } = sleepless();
    await expect(withRetry(engine, { maxAttempts: 3, sleep }).search("q", { topK: 1 })).rejects.toBe(last);
    expect([engine.queries.length, pauses.length]).toEqual([3, 2]);
  });

  test.each<FailureKind>(["unauthorized", "rejected", "malformed", "aborted"])("%s is final", async (kind) => {
    const engine = new ScriptedEngine([failed(kind)]);
    const { pauses, sleep } = sleepless();
    await expect(withRetry(engine, { sleep }).search("q", { topK: 1 })).rejects.toMatchObject({ kind });
    expect([engine.queries.length, pauses.length]).toEqual([1, 0]);
  });

  test("a service that asks for time gets it; one that asks for too much is not asked again", async () => {
    const { pauses, sleep } = sleepless();
    const patient = withRetry(new ScriptedEngine([failed("rate-limited", 9000), documents]), { sleep });
    await patient.search("q", { topK: 1 });
    expect(pauses).toEqual([9000]);
    const engine = new ScriptedEngine([failed("rate-limited", 9001)]);
    await expect(withRetry(engine, { sleep, maxPauseMs: 9000 }).search("q", { topK: 1 })).rejects.toThrow(
      "rate-limited",
    );
    expect(engine.queries).toHaveLength(1);
  });

  test("an abort ends the pause", async () => {
    const controller = new AbortController();
    const engine: QueryEngine = {
      ...byQuery,
      search: () => {
        setImmediate(() => controller.abort());
        return Promise.reject(failed("server"));
      },
    };
    const call = withRetry(engine, { firstPauseMs: 1e9, maxPauseMs: 1e9 }).search("q", {
      topK: 1,
      signal: controller.signal,
    });
    await expect(call).rejects.toMatchObject({ kind: "aborted" });
  });
});

describe("the limit", () => {
  /** Searches end when they are let go. */
  function gate() {
    const waiting: (() => void)[] = [];
    let active = 0;
    let most = 0;
    const engine: QueryEngine = {
      ...byQuery,
      async search() {
        most = Math.max(most, ++active);
        await new Promise<void>((resolve) => waiting.push(resolve));
        active--;
        return documents;
      },
    };
    return { engine, waiting, most: () => most };
  }

  test("no more searches than allowed are under way, and all are done", async () => {
    const { engine, waiting, most } = gate();
    const limited = withLimit(engine, { maxConcurrent: 3 });
    const calls = Array.from({ length: 10 }, () => limited.search("q", { topK: 1 }));
    let done = 0;
    for (const call of calls) call.then(() => done++);
    while (done < 10) {
      waiting.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(most()).toBe(3);
  });

  test("no more searches than allowed begin within a second, by the clock the test turns", async () => {
    vi.useFakeTimers();
    try {
      const engine = new ScriptedEngine([documents]);
      const limited = withLimit(engine, { maxConcurrent: 10, maxPerSecond: 2 });
      const calls = Array.from({ length: 5 }, () => limited.search("q", { topK: 1 }));
      const begun: number[] = [];
      for (const ms of [0, 990, 20, 970, 40]) {
        await vi.advanceTimersByTimeAsync(ms);
        begun.push(engine.queries.length);
      }
      expect(begun).toEqual([2, 2, 4, 4, 5]);
      await Promise.all(calls);
    } finally {
      vi.useRealTimers();
    }
  });

  test("a search that is aborted while it waits fails as aborted and never reaches the engine", async () => {
    const engine = new ScriptedEngine([documents]);
    const { engine: gated, waiting } = gate();
    const limited = withLimit(
      { ...gated, search: (query, o) => (query === "first" ? gated.search(query, o) : engine.search(query, o)) },
      { maxConcurrent: 1 },
    );
    const first = limited.search("first", { topK: 1 });
    const controller = new AbortController();
    const second = limited.search("second", { topK: 1, signal: controller.signal });
    controller.abort();
    await expect(second).rejects.toMatchObject({ name: "SearchError", kind: "aborted" });
    waiting.shift()?.();
    await first;
    expect(engine.queries).toEqual([]);
  });
});

describe("the cache", () => {
  test("the same query is searched once, and comes back whole, in this process and the next", async () => {
    const engine = new ScriptedEngine([documents]);
    const folder = newFolder();
    const cached = withCache(engine, { folder });
    for (let at = 0; at < 3; at++) expect(await cached.search("q ☕", { topK: 3 })).toEqual(documents);
    expect(await withCache(engine, { folder }).search("q ☕", { topK: 3 })).toEqual(documents);
    expect(engine.queries).toHaveLength(1);
    expect(readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith(".tmp"))).toEqual([]);
  });

  test("query, topK and identity each make another entry", async () => {
    const folder = newFolder();
    const engine = new ScriptedEngine([documents]);
    const other = new ScriptedEngine([documents], { script: 2 });
    await withCache(engine, { folder }).search("a", { topK: 1 });
    await withCache(engine, { folder }).search("A", { topK: 1 });
    expect(await withCache(engine, { folder }).search("a", { topK: 2 })).toHaveLength(2);
    await withCache(other, { folder }).search("a", { topK: 1 });
    expect([engine.queries.length, other.queries.length]).toEqual([3, 1]);
  });

  test("nothing found is kept, a failure is not", async () => {
    const engine = new ScriptedEngine([failed("server"), []]);
    const cached = withCache(engine, { folder: newFolder() });
    await expect(cached.search("q", { topK: 1 })).rejects.toThrow("server");
    expect(await cached.search("q", { topK: 1 })).toEqual([]);
    expect(await cached.search("q", { topK: 1 })).toEqual([]);
    expect(engine.queries).toHaveLength(2);
  });

  test("offline, what was searched is found and the rest is refused without asking anybody", async () => {
    const engine = new ScriptedEngine([documents]);
    const folder = newFolder();
    await withCache(engine, { folder }).search("q", { topK: 2 });
    const offline = withCache(engine, { folder, offline: true });
    expect(await offline.search("q", { topK: 2 })).toEqual(documents.slice(0, 2));
    const miss = offline.search("other", { topK: 2 });
    await expect(miss).rejects.toMatchObject({ kind: "rejected", message: expect.stringMatching(/"other".*offline/) });
    expect(engine.queries).toEqual(["q"]);
  });

  test("a damaged entry is refused by name", async () => {
    const folder = newFolder();
    const cached = withCache(new ScriptedEngine([documents]), { folder });
    await cached.search("q", { topK: 2 });
    const entry =
      readdirSync(folder, { recursive: true })
        .map(String)
        .find((name) => name.endsWith(".json")) ?? "";
    for (const content of ["", '{"documents": [5]}', readFileSync(join(folder, entry), "utf8").slice(0, 40)]) {
      writeFileSync(join(folder, entry), content);
      const call = cached.search("q", { topK: 2 });
      await expect(call).rejects.toMatchObject({ kind: "malformed", message: expect.stringContaining(entry) });
    }
  });
});

test("a recording holds a line per search that succeeded, whole however many run at once, and goes on", async () => {
  const path = join(newFolder(), "deep", "recording.jsonl");
  const engine = new ScriptedEngine([failed("server"), documents]);
  await expect(withRecording(engine, { path }).search("bad", { topK: 1 })).rejects.toThrow("server");
  const queries = Array.from({ length: 50 }, (_, at) => `q\n${at}`);
  const recorded = withRecording(engine, { path });
  await Promise.all(queries.map((query) => recorded.search(query, { topK: 1 })));
  await withRecording(engine, { path }).search("again", { topK: 2 });
  const lines = readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ query }) => query)).toEqual([...queries, "again"]);
  expect(lines.at(-1)).toEqual({ engine: "scripted", query: "again", topK: 2, documents: documents.slice(0, 2) });
});

test("a recording that can't be written fails the search", async () => {
  const file = join(root, "file");
  writeFileSync(file, "");
  const recorded = withRecording(new ScriptedEngine([documents]), { path: join(file, "a.jsonl") });
  await expect(recorded.search("q", { topK: 1 })).rejects.toThrow(/ENOTDIR|EEXIST/);
});

describe("a lifted engine", () => {
  const context = {
    question: { id: "1", text: "who?", answers: ["Mallory"], source: "test" },
    key: { seed: 0, step: 0, questionId: "1", sample: 0 },
    noise: 0.5,
  };

  test("gives documents, source and duration, and passes query and options on, not question or answers", async () => {
    const seen: unknown[] = [];
    const engine: QueryEngine = {
      ...byQuery,
      search: async (...call) => {
        seen.push(call);
        return documents;
      },
    };
    const options = { topK: 2, signal: new AbortController().signal };
    const result = await searchEngineOf(engine).open(context).search("known", options);
    expect(result).toEqual({ documents, source: "by-query", latencyMs: expect.any(Number) });
    expect(seen).toEqual([["known", options]]);
  });

  test("is the engine to all intents: name, identity, failures, closing", async () => {
    const engine = new ScriptedEngine([failed("timeout")]);
    const lifted = searchEngineOf(engine);
    expect([lifted.name, lifted.identity]).toEqual(["scripted", { script: 1 }]);
    await expect(lifted.open(context).search("q", { topK: 1 })).rejects.toMatchObject({ kind: "timeout" });
    await lifted.close?.();
    expect(engine.isClosed).toBe(true);
  });
});
