import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FtsIndex } from "../search/local/fts-index.ts";
import { type CollectedSearch, collectedSearchSchema, readSearches } from "./collected-search.ts";
import { probeConfigSchema } from "./probe-config.ts";
import { probeEngine } from "./probe-engine.ts";

const PEOPLE = ["Ada", "Bob", "Cleo", "Dan"];

let folder = "";
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-probe-"));
  const passages = PEOPLE.map((name) => ({ id: name, text: `${name} was born in ${name}ville.` }));
  await (await FtsIndex.build(passages, { path: at("corpus.index") })).close();
  const searches = PEOPLE.map((name) => ({
    ...{
      questionId: name,
      question: `Where was ${name} born?`,
      answers: [`${name}ville`],
      query: `${name} birthplace`,
    },
    documents: [{ text: "What the policy was shown." }],
  }));
  writeFileSync(at("searches.jsonl"), searches.map((line) => `${JSON.stringify(line)}\n`).join(""));
});
afterAll(() => rmSync(folder, { recursive: true }));

const configOf = (changes: object = {}) =>
  probeConfigSchema.parse({
    searches: at("searches.jsonl"),
    search: { engine: "local", index: at("corpus.index") },
    out: at("probes.jsonl"),
    ...changes,
  });

test("each kind of query but the collected is searched, and written as if it had been collected", async () => {
  const summary = await probeEngine(configOf({ topK: 1 }));
  expect(summary).toEqual({ question: 4, "another question's": 4, "without its entities": 4 });
  const probes: CollectedSearch[] = [];
  for await (const { search, shown } of readSearches([at("probes.jsonl")], collectedSearchSchema)) {
    expect(shown).toEqual([]);
    probes.push(search);
  }
  expect(probes).toHaveLength(12);
  const ofAda = probes.filter(({ questionId }) => questionId === "Ada");
  expect(ofAda.map(({ query }) => query)).toContain("Where was Ada born");
  expect(ofAda.map(({ query }) => query)).toContain("birthplace");
  const asked = ofAda.find(({ query }) => query === "Where was Ada born");
  expect(asked).toMatchObject({ answers: ["Adaville"], documents: [{ text: "Ada was born in Adaville." }] });
  const strange = ofAda.find(({ query }) => query.endsWith(" birthplace"));
  expect(strange?.query).toMatch(/^(Bob|Cleo|Dan) /);
});

test("so many of each kind, by the seed", async () => {
  expect(await probeEngine(configOf({ queriesPerKind: 2 }))).toMatchObject({ question: 2, "without its entities": 2 });
});

test("what was interrupted leaves no file, and a missing key is told before anything is asked", async () => {
  const out = at("never.jsonl");
  await expect(probeEngine(configOf({ out, search: { engine: "serper" } }), { environment: {} })).rejects.toThrow(
    "SERPER_API_KEY",
  );
  const interrupt = new AbortController();
  const onProgress = (): void => void setTimeout(() => interrupt.abort(new Error("interrupted")));
  const interrupted = probeEngine(configOf({ out, maxConcurrent: 1 }), { signal: interrupt.signal, onProgress });
  await expect(interrupted).rejects.toThrow("interrupted");
  expect(existsSync(out)).toBe(false);
});
