import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataError } from "../core/errors.ts";
import type { Question } from "../core/question.ts";
import { agentPrompt } from "./agent-prompt.ts";
import { loadQuestions } from "./load-questions.ts";
import { writeQuestions } from "./write-questions.ts";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../test/fixtures/questions/${name}`, import.meta.url));

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "questions-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, rows: readonly unknown[]): string {
  const path = join(folder, name);
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return path;
}

test("excerpts of NQ-open, HotpotQA and Bamboogle load whole, together, with ids of their own", async () => {
  const { questions, skipped } = await loadQuestions(["nq-open.jsonl", "hotpotqa.json", "bamboogle.csv"].map(fixture));
  expect(skipped).toEqual([]);
  expect(questions).toHaveLength(180);
  expect(new Set(questions.map(({ id }) => id)).size).toBe(180);
  expect(questions[0]).toEqual({
    id: "nq-open:0",
    text: "when was the last time anyone was on the moon",
    answers: ["14 December 1972 UTC", "December 1972"],
    source: "nq-open",
  });
  expect(questions[60]).toMatchObject({ answers: ["yes"], source: "hotpotqa", metadata: { type: "comparison" } });
  expect(questions[120]).toMatchObject({ answers: ["james madison"], source: "bamboogle" });
});

test("a ZeroSearch file that Python wrote loads, nested columns and all", async () => {
  const { questions } = await loadQuestions(fixture("zerosearch.parquet"));
  expect(questions).toEqual([
    { id: "nq:train_0", text: "who wrote it", answers: ["Ann", "Ann Lee"], source: "nq" },
    {
      id: "hotpotqa:train_0",
      text: "¿dónde está la señora?",
      answers: ["中文"],
      source: "hotpotqa",
      metadata: { type: "bridge", level: 9_007_199_254_740_991 },
    },
    { id: "nq:train_1", text: "when", answers: ["1999"], source: "nq" },
  ]);
});

const QUESTIONS: readonly Question[] = [
  { id: "a", text: "  who? ", answers: ["Ann", "“Ann”"], source: "nq" },
  {
    id: "nq:train_1",
    text: 'line\u2028"break", 中文',
    answers: ["1", "💡", "the"],
    source: "nq",
    metadata: { type: "bridge", facts: [["T", 0]], none: null, count: 3.5 },
  },
  { id: "train_1", text: "x", answers: ["y"], source: "hotpotqa", metadata: { deep: { deeper: [] } } },
];

test.each(["round.jsonl", "round.json", "round.csv", "round.parquet"])(
  "what is written to %s is read back as it was",
  async (name) => {
    const path = join(folder, name);
    await writeQuestions(path, QUESTIONS);
    expect(await loadQuestions(path)).toEqual({ questions: QUESTIONS, skipped: [] });
  },
);

test("written parquet has ZeroSearch's nested columns, and not strings of JSON", async () => {
  const path = join(folder, "x.parquet");
  await writeQuestions(path, QUESTIONS, { split: "test" });
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(path) });
  expect(rows[1]).toEqual({
    id: "nq:train_1",
    question: QUESTIONS[1]?.text,
    golden_answers: ["1", "💡", "the"],
    data_source: "nq",
    prompt: [{ role: "user", content: agentPrompt(QUESTIONS[1]?.text ?? "") }],
    ability: "fact-reasoning",
    reward_model: { style: "rule", ground_truth: { target: ["1", "💡", "the"] } },
    extra_info: { split: "test", index: 1n, id: "nq:train_1" },
    metadata: QUESTIONS[1]?.metadata,
  });
});

test("more rows than one group of a parquet file keep their order", async () => {
  const many = Array.from({ length: 2500 }, (_, index) => ({
    id: `q${index}`,
    text: `question ${index}`,
    answers: Array.from({ length: 1 + (index % 3) }, (_, answer) => `${index}.${answer}`),
    source: "many",
  }));
  const path = join(folder, "many.parquet");
  await writeQuestions(path, many);
  expect((await loadQuestions(path)).questions).toEqual(many);
});

test("questions are written to known formats only", async () => {
  await expect(writeQuestions(join(folder, "x.txt"), QUESTIONS)).rejects.toThrow(
    /x\.txt: .*\.jsonl, \.json, \.csv, \.parquet/,
  );
});

test("bad rows are an error that names each with file, line and reason, and counts those it does not list", async () => {
  const path = write("bad.jsonl", [
    { question: "who", answers: ["A"] },
    { question: "who" },
    ...Array.from({ length: 11 }, () => ({ question: "", answers: ["A"] })),
  ]);
  const run = loadQuestions(path);
  await expect(run).rejects.toThrow(DataError);
  await expect(run).rejects.toThrow(/^12 rows are no questions/);
  await expect(run).rejects.toThrow(`${path}, line 2: answers: there are none`);
  await expect(run).rejects.toThrow(/line 11: .*\n {2}… and 2 more$/);
});

test("skipping is asked for, and tells what was skipped", async () => {
  const path = write("bad.jsonl", [
    { id: "a", question: "who", answers: ["A"] },
    { id: "b", question: "who", answers: [" "] },
    { id: "a", question: "when", answers: ["B"] },
  ]);
  const { questions, skipped } = await loadQuestions(path, { skipInvalid: true });
  expect(questions).toMatchObject([{ id: "a", text: "who" }]);
  expect(skipped).toEqual([
    { path, place: "line 2", problem: "answers.0: must not be blank" },
    { path, place: "line 3", problem: `id "a" is that of ${path}, line 1 already` },
  ]);
  await expect(loadQuestions(write("none.jsonl", [{}]), { skipInvalid: true })).rejects.toThrow(/no questions/);
});

test("an id that two files share is an error that names both places (D28)", async () => {
  const first = write("a.jsonl", [{ id: "q", question: "who", answers: ["A"] }]);
  const second = write("b.jsonl", [{ id: "q", question: "when", answers: ["B"] }]);
  await expect(loadQuestions([first, second])).rejects.toThrow(`${second}, line 1: id "q" is that of ${first}, line 1`);
});

test("files that are called after their split take their folder's name as source", async () => {
  const paths = ["nq", "hotpotqa"].map((name) => {
    mkdirSync(join(folder, name));
    return write(join(name, "test.jsonl"), [{ id: "test_0", question: "who", golden_answers: ["A"] }]);
  });
  expect((await loadQuestions(paths)).questions).toMatchObject([
    { id: "nq:test_0", source: "nq" },
    { id: "hotpotqa:test_0", source: "hotpotqa" },
  ]);
  const [path = ""] = paths;
  expect((await loadQuestions(path, { source: "other" })).questions).toMatchObject([{ id: "other:test_0" }]);
});

test("no file and a file without rows are errors", async () => {
  await expect(loadQuestions([])).rejects.toThrow(/no file was named/);
  await expect(loadQuestions(write("empty.jsonl", []))).rejects.toThrow(/empty\.jsonl: holds no rows/);
});
