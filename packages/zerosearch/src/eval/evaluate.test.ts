/** Evaluations from configuration to folder, with a random model in the real engine. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { liveTensorCount, setThreads } from "@zerosearch/torch";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { RunError } from "../core/errors.ts";
import { tinyModelFolder } from "../models/testing/tiny-model-folder.ts";
import { FtsIndex } from "../search/local/fts-index.ts";
import { answerJson, answerStatus, LoopbackServer } from "../search/testing/loopback-server.ts";
import { type EvaluateOptions, evaluate } from "./evaluate.ts";
import { evaluationConfigSchema } from "./evaluation-config.ts";
import type { EvaluationResult } from "./evaluation-result.ts";
import { scorePredictions } from "./score-predictions.ts";

const QUESTIONS = 24;
const IDS = Array.from({ length: QUESTIONS }, (_, i) => `q${i}`);

let model = "";
let tensorsBefore = 0;
beforeAll(() => {
  setThreads(1);
  tensorsBefore = liveTensorCount();
  model = tinyModelFolder(false);
});
afterAll(() => {
  rmSync(model, { recursive: true });
  expect(liveTensorCount()).toBe(tensorsBefore);
});

let place = "";
const at = (name: string): string => join(place, name);
beforeEach(async () => {
  place = mkdtempSync(join(tmpdir(), "zerosearch-evaluate-"));
  writeQuestions("gold");
  await writeIndex("a passage");
});
afterEach(() => rmSync(place, { recursive: true }));

function writeQuestions(answer: string): void {
  const rows = Array.from({ length: QUESTIONS }, (_, i) => ({
    id: `q${i}`,
    question: `what is number ${i}`,
    answers: [`${answer} ${i}`],
    source: i % 3 === 0 ? "thirds" : "others",
  }));
  writeFileSync(at("questions.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

async function writeIndex(text: string): Promise<void> {
  rmSync(at("index"), { force: true });
  await (await FtsIndex.build([{ id: "1", text }], { path: at("index") })).close();
}

function run(changes: object = {}, options: Partial<EvaluateOptions> = {}): Promise<EvaluationResult> {
  const config = evaluationConfigSchema.parse({
    model: { path: model, prompt: "Q: {question}\n" },
    search: { engine: "local", index: at("index") },
    data: { files: at("questions.jsonl") },
    limits: { maxTurns: 2, maxTurnTokens: 12 },
    temperature: 1,
    ...changes,
  });
  return evaluate(config, { folder: at("result"), resume: false, ...options });
}

interface Line {
  readonly id: string;
  readonly prediction: string | null;
}

const linesOf = (folder = "result"): Line[] =>
  readFileSync(at(`${folder}/predictions.jsonl`), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

test("every question has its line, in order, and the result is what the lines come to", async () => {
  const seen: string[] = [];
  const result = await run({}, { onProgress: ({ done, total }) => seen.push(`${done}/${total}`) });
  expect(seen).toEqual(Array.from({ length: QUESTIONS + 1 }, (_, i) => `${i}/24`));
  expect(readdirSync(at("result")).sort()).toEqual(
    "config.json engine.json predictions.jsonl result.html result.json result.md run.json".split(" "),
  );
  expect(JSON.parse(readFileSync(at("result/result.json"), "utf8"))).toEqual(JSON.parse(JSON.stringify(result)));
  expect(linesOf().map(({ id }) => id)).toEqual(IDS);
  const scores = await scorePredictions(linesOf().map((line) => JSON.stringify(line)));
  expect(result).toMatchObject({ questions: scores.n, failed: 0, bySource: { thirds: { questions: 8 } } });
  expect(result.measures.exactMatch.value).toBe(scores.exactMatch);
  expect(result.measures.f1.value).toBeCloseTo(scores.f1, 12);
  const index = FtsIndex.open(at("index"));
  expect(result.engine).toEqual({ name: "local", identity: index.identity });
  await index.close();
  expect(Object.values(result.stopReasons).reduce((sum, count) => sum + count, 0)).toBe(QUESTIONS);
});

test("a configuration that was written makes the same evaluation again", async () => {
  await run();
  const config = JSON.parse(readFileSync(at("result/config.json"), "utf8")) as object;
  await run(config, { folder: at("again") });
  expect(linesOf("again")).toEqual(linesOf());
});

test("what was interrupted goes on to the same predictions as if it had not been", async () => {
  await run({}, { folder: at("whole") });
  const stop = new AbortController();
  const interrupted = run(
    { maxConcurrent: 4 },
    { signal: stop.signal, onProgress: ({ done }) => done === 7 && stop.abort() },
  );
  await expect(interrupted).rejects.toThrow(/stopped after \d+ of 24 questions: go on with --resume/u);
  const kept = linesOf();
  expect(kept.length).toBeGreaterThanOrEqual(7);
  expect(kept.length).toBeLessThan(QUESTIONS);
  expect(existsSync(at("result/result.json"))).toBe(false);
  writeFileSync(at("result/predictions.jsonl"), '{"id": "q1', { flag: "a" }); // as a crash leaves it

  await expect(run({ maxConcurrent: 4 })).rejects.toThrow(/continue it with --resume/u);
  await expect(run({ maxConcurrent: 5 }, { resume: true })).rejects.toThrow("maxConcurrent: 4 → 5");
  const seen: number[] = [];
  const resumed = { resume: true, onProgress: ({ done }: { done: number }) => seen.push(done) };
  await run({ maxConcurrent: 4 }, resumed);
  expect(seen[0]).toBe(kept.length);
  expect(linesOf()).toEqual(linesOf("whole"));
});

test("a finished evaluation is not made again, nor silently replaced", async () => {
  const first = await run();
  await expect(run()).rejects.toThrow(RunError);
  const seen: number[] = [];
  const again = await run({}, { resume: true, onProgress: ({ done }) => seen.push(done) });
  expect(seen).toEqual([QUESTIONS]);
  expect(again).toEqual(first);
});

test("other questions or another corpus under the old names are refused", async () => {
  await run();
  await writeIndex("another passage");
  await expect(run({}, { resume: true })).rejects.toThrow(/another engine.*\n.*identity\.corpusHash: /u);
  await writeIndex("a passage");
  writeQuestions("other gold");
  await expect(run({}, { resume: true })).rejects.toThrow(/answers question q0, which is another one now/u);
});

test("failures count as wrong, stop what is broken, and are asked again", async () => {
  await using server = await LoopbackServer.start(answerStatus(500));
  const rag = {
    baseline: "rag",
    search: { engine: "wikipedia-retriever", url: server.url, maxAttempts: 1 },
    dollarsPer1000Searches: 15,
  };
  const scored = await run({ ...rag, maxFailureShare: 1 }, { folder: at("scored") });
  expect(scored).toMatchObject({ questions: QUESTIONS, failed: QUESTIONS, measures: { answered: { value: 0 } } });
  expect(scored.searchCost).toEqual({ searches: 0, dollarsPer1000: 15, dollars: 0 });

  await expect(run(rag)).rejects.toThrow(/3 questions failed.*by search-failed: .*500.*--resume/su);
  server.answer = answerJson([{ text: "a passage" }]);
  const mended = await run(rag, { resume: true });
  expect(mended).toMatchObject({ questions: QUESTIONS, failed: 0 });
  expect(mended.searchCost).toEqual({ searches: 24, dollarsPer1000: 15, dollars: 0.36 });
});

test("what is missing is said before any work, and no folder is made", async () => {
  await expect(run({ model: { path: at("nowhere") } })).rejects.toThrow(/nowhere/u);
  await expect(run({ search: { engine: "serpapi" } }, { environment: {} })).rejects.toThrow(/SERPAPI_API_KEY/u);
  await expect(run({ data: { files: at("none.jsonl") } })).rejects.toThrow(/none\.jsonl: there is no such file/u);
  expect(existsSync(at("result"))).toBe(false);
});
