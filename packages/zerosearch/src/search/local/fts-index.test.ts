import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { ConfigError, DataError, SearchError } from "../../core/errors.ts";
import { testQueryEngine } from "../testing/query-engine-conformance.ts";
import { FtsIndex } from "./fts-index.ts";
import type { Passage } from "./passage.ts";
import { openSqlite } from "./sqlite.ts";

const folder = mkdtempSync(join(tmpdir(), "zerosearch-fts-"));
afterAll(() => rmSync(folder, { recursive: true }));

const rivers: readonly Passage[] = [
  { id: "a", title: "Danube", text: "The Danube flows through ten countries" },
  { id: "b", title: "Rhine", text: "The Rhine flows to the North Sea" },
  { id: "c", text: "Mountains do not flow" },
  { id: "d", title: "Danube delta", text: "Where the Danube meets the Black Sea" },
];

const ids = async (index: FtsIndex, query: string, topK = 10) =>
  (await index.search(query, { topK })).map(({ id }) => id);

/** BM25 by its definition, with Robertson & Spärck Jones's idf floored as SQLite documents it. */
function bm25(texts: readonly string[], terms: readonly string[]): number[] {
  const bags = texts.map((text) => text.toLowerCase().split(" "));
  const mean = bags.reduce((sum, bag) => sum + bag.length, 0) / bags.length;
  return bags.map((bag) => {
    let score = 0;
    for (const term of terms) {
      const holding = bags.filter((other) => other.includes(term)).length;
      const idf = Math.max(Math.log((bags.length - holding + 0.5) / (holding + 0.5)), 1e-6);
      const frequency = bag.filter((word) => word === term).length;
      score += (idf * frequency * 2.2) / (frequency + 1.2 * (0.25 + (0.75 * bag.length) / mean));
    }
    return score;
  });
}

describe("as an engine", () => {
  testQueryEngine(async () => ({ engine: await FtsIndex.build(rivers), known: "danube sea flow", unknown: "zebra" }));
});

describe("ranking", () => {
  test("scores are BM25's by its definition, k1 1.2 and b 0.75", async () => {
    const texts = [
      "red red fox",
      "red hen",
      "blue fox and green hen",
      "one",
      "two words",
      "grey wolf sleeps long hours",
    ];
    const index = await FtsIndex.build(
      texts.map((text, at) => ({ id: `${at}`, text })),
      { tokenizer: "unicode61" },
    );
    const found = await index.search("red FOX", { topK: 10 });
    const expected = bm25(texts, ["red", "fox"]);
    expect(found.map(({ id }) => id)).toEqual(["0", "1", "2"]);
    for (const { id, score } of found) expect(score).toBeCloseTo(expected[Number(id)] ?? Number.NaN, 10);
    await index.close();
  });

  test("a document carries title, text, id and score; without a title there is none", async () => {
    const index = await FtsIndex.build(rivers);
    const [first] = await index.search("rhine", { topK: 1 });
    expect(first).toEqual({ id: "b", title: "Rhine", text: rivers[1]?.text, score: expect.any(Number) });
    const [bare] = await index.search("mountains", { topK: 1 });
    expect(Object.keys(bare ?? {}).sort()).toEqual(["id", "score", "text"]);
    await index.close();
  });

  test("equal scores come in the corpus's order and topK cuts", async () => {
    const index = await FtsIndex.build(
      Array.from({ length: 50 }, (_, at) => ({ id: `${at}`, text: "same words here" })),
    );
    expect(await ids(index, "words", 7)).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
    await index.close();
  });

  test("the default tokenizer folds case, accents and English endings; unicode61 keeps endings", async () => {
    const corpus = [{ id: "x", text: "Café owners connected" }];
    const stemmed = await FtsIndex.build(corpus);
    expect(await ids(stemmed, "cafe")).toEqual(["x"]);
    expect(await ids(stemmed, "connections")).toEqual(["x"]);
    const plain = await FtsIndex.build(corpus, { tokenizer: "unicode61" });
    expect(await ids(plain, "connections")).toEqual([]);
    const trigram = await FtsIndex.build([{ id: "jp", text: "東京都は日本の首都である" }], { tokenizer: "trigram" });
    expect(await ids(trigram, "日本の")).toEqual(["jp"]);
    for (const index of [stemmed, plain, trigram]) await index.close();
  });

  test("stop words count only where nothing else is asked", async () => {
    const index = await FtsIndex.build(rivers);
    expect(await ids(index, "what is the rhine")).toEqual(["b"]);
    expect(await ids(index, "not")).toEqual(["c"]);
    await index.close();
  });
});

describe("queries are any text", () => {
  test.each(["", " \n\t", "?!…", "\u0000", "🦊"])("%j finds nothing and is no failure", async (query) => {
    const index = await FtsIndex.build(rivers);
    expect(await index.search(query, { topK: 3 })).toEqual([]);
    await index.close();
  });

  test.each([
    ['danube" OR "rhine', ["a", "b", "d"]],
    ["danube NOT delta", ["a", "d"]],
    ["title:rhine", ["b"]],
    ["NEAR(danube rhine, 1)", ["a", "b", "d"]],
    ["rhin*", []],
    ["{title} : ^danube -rhine", ["a", "b", "d"]],
  ])("%j is words, not FTS5's syntax", async (query, expected) => {
    const index = await FtsIndex.build(rivers);
    expect((await ids(index, query)).sort()).toEqual(expected);
    await index.close();
  });

  test("no text makes it throw, whatever the tokenizer", async () => {
    for (const tokenizer of ["porter unicode61", "trigram"] as const) {
      const index = await FtsIndex.build(rivers, { tokenizer });
      await fc.assert(
        fc.asyncProperty(fc.string({ unit: "binary", maxLength: 200 }), async (query) => {
          expect((await index.search(query, { topK: 2 })).length).toBeLessThanOrEqual(2);
        }),
        { numRuns: 300, seed: 1 },
      );
      await index.close();
    }
  });

  test("topK must be a positive integer, an aborted signal is an aborted search", async () => {
    const index = await FtsIndex.build(rivers);
    for (const topK of [0, -1, 1.5, Number.NaN]) await expect(index.search("x", { topK })).rejects.toThrow(ConfigError);
    const call = index.search("danube", { topK: 1, signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ kind: "aborted" });
    await index.close();
    await expect(index.search("danube", { topK: 1 })).rejects.toThrow(SearchError);
  });
});

describe("the index file", () => {
  const path = join(folder, "rivers.index");

  test("is found again by its path, gives the same results and the same identity", async () => {
    const inMemory = await FtsIndex.build(rivers);
    const built = await FtsIndex.build(rivers, { path });
    await built.close();
    const opened = FtsIndex.open(path);
    expect(opened.identity).toEqual(inMemory.identity);
    expect(opened.passageCount).toBe(4);
    for (const query of ["danube", "flows sea", "the"]) {
      expect(await opened.search(query, { topK: 3 })).toEqual(await inMemory.search(query, { topK: 3 }));
    }
    await opened.close();
    await inMemory.close();
    expect(readdirSync(folder)).toEqual(["rivers.index"]);
  });

  test("the identity changes with order, content and tokenizer", async () => {
    const identities = await Promise.all(
      [
        FtsIndex.build(rivers),
        FtsIndex.build([...rivers].reverse()),
        FtsIndex.build(rivers.slice(1)),
        FtsIndex.build(rivers, { tokenizer: "unicode61" }),
      ].map(async (index) => JSON.stringify((await index).identity)),
    );
    expect(new Set(identities).size).toBe(4);
  });

  test("a build that fails leaves the old file and nothing else", async () => {
    const before = readFileSync(path);
    function* broken(): Iterable<Passage> {
      yield { id: "1", text: "fine" };
      yield { id: "2", text: "  " };
    }
    await expect(FtsIndex.build(broken(), { path })).rejects.toThrow(/Passage 2 \(id "2"\) has no text/);
    await expect(FtsIndex.build([], { path })).rejects.toThrow(/no passages/);
    const signal = AbortSignal.abort();
    await expect(FtsIndex.build(rivers, { path, signal })).rejects.toThrow(/abort/i);
    const interrupt = new AbortController();
    function* endless(): Iterable<Passage> {
      setImmediate(() => interrupt.abort(new Error("stopped by hand")));
      for (let at = 0; ; at++) yield { id: `${at}`, text: "more" };
    }
    await expect(FtsIndex.build(endless(), { path, signal: interrupt.signal })).rejects.toThrow("stopped by hand");
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(["rivers.index"]);
  });

  test("a missing, foreign, empty, cut-off or garbled file is refused by name", async () => {
    const bytes = readFileSync(path);
    const bad = join(folder, "bad");
    const refused = () => {
      expect(() => FtsIndex.open(bad)).toThrow(DataError);
      expect(() => FtsIndex.open(bad)).toThrow(bad);
    };
    refused();
    expect(existsSync(bad)).toBe(false);
    writeFileSync(bad, "");
    refused();
    writeFileSync(bad, "not a database ".repeat(500));
    refused();
    writeFileSync(bad, bytes);
    truncateSync(bad, bytes.length / 2);
    refused();
    rmSync(bad);
    const foreign = openSqlite(bad);
    foreign.exec("CREATE TABLE passages (id TEXT)");
    foreign.close();
    refused();
    rmSync(bad);
    expect(() => FtsIndex.open(folder)).toThrow(DataError);
  });

  test("a large corpus streams through and reports its progress", async () => {
    function* many(): Iterable<Passage> {
      for (let at = 0; at < 12_000; at++) yield { id: `${at}`, text: `passage number n${at} about topic t${at % 100}` };
    }
    const reported: number[] = [];
    const index = await FtsIndex.build(many(), { onProgress: (count) => reported.push(count) });
    expect(reported).toEqual([5000, 10_000, 12_000]);
    expect(await ids(index, "n11999")).toEqual(["11999"]);
    expect(await ids(index, "t7", 3)).toEqual(["7", "107", "207"]);
    await index.close();
  });
});
