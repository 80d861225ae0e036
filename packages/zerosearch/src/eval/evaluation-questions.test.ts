import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deadAddress } from "../core/testing/loopback-server.ts";
import { evaluationQuestions } from "./evaluation-questions.ts";

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../../test/fixtures/questions/${name}`, import.meta.url));
const FILES = [fixture("nq-open.jsonl"), fixture("bamboogle.csv")];

let cacheFolder = "";
beforeEach(() => {
  cacheFolder = mkdtempSync(join(tmpdir(), "zerosearch-questions-"));
});
afterEach(() => rmSync(cacheFolder, { recursive: true }));

const load = (files: readonly string[], maxQuestions?: number, seed = 1) =>
  evaluationQuestions({ data: { files, benchmarks: [] }, maxQuestions, seed });

test("every row is asked, unless fewer are wanted", async () => {
  expect(await load(FILES)).toHaveLength(120);
});

test("of each source as many are drawn, by ids and seed alone", async () => {
  const drawn = await load(FILES, 20);
  expect(drawn.filter(({ source }) => source === "bamboogle")).toHaveLength(20);
  expect(drawn).toHaveLength(40);
  const turned = await load([...FILES].reverse(), 20);
  expect(new Set(turned)).toEqual(new Set(drawn));
  expect(new Set(await load(FILES, 20, 2))).not.toEqual(new Set(drawn));
  const all = await load(FILES);
  expect(drawn).toEqual(all.filter(({ id }) => drawn.some((question) => question.id === id)));
});

test("a benchmark that is here needs no network; one that is not is one clear error", async () => {
  const environment = { HF_ENDPOINT: await deadAddress() };
  const folder = join(cacheFolder, "datasets/RUC-NLPIR/FlashRAG_datasets/main/bamboogle");
  mkdirSync(folder, { recursive: true });
  const row = { id: "test_0", question: "who?", golden_answers: ["me"], metadata: {} };
  writeFileSync(join(folder, "test.jsonl"), `${JSON.stringify(row)}\n`);
  const ask = (benchmarks: readonly string[]) =>
    evaluationQuestions({ data: { files: [], benchmarks, cacheFolder }, seed: 0 }, { environment });
  expect(await ask(["bamboogle"])).toMatchObject([{ id: "bamboogle:test_0", source: "bamboogle", answers: ["me"] }]);
  await expect(ask(["bamboogle", "nq"])).rejects.toThrow(/nq\/test\.jsonl of dataset .* can't be reached/u);
});
