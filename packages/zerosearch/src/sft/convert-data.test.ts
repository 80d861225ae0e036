import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { asyncBufferFromFile, parquetReadObjects } from "hyparquet";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadQuestions } from "../data/load-questions.ts";
import { convertData } from "./convert-data.ts";
import type { FineTuneRecord, RecordSchema } from "./record-row.ts";
import { readRecords } from "./records.ts";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../test/fixtures/questions/${name}`, import.meta.url));

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-convert-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (name: string): string => join(folder, name);

function write(name: string, rows: readonly unknown[]): string {
  writeFileSync(at(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return at(name);
}

const ENDINGS = [".jsonl", ".json", ".csv", ".parquet"];

test.each(["nq-open.jsonl", "hotpotqa.json", "bamboogle.csv", "zerosearch.parquet"])(
  "questions go through every format and keep every field: %s",
  async (name) => {
    const { questions } = await loadQuestions(fixture(name));
    let path = fixture(name);
    for (const ending of [...ENDINGS, ".jsonl"]) {
      const next = at(`to${ending}`);
      expect(await convertData(path, next)).toEqual({ kind: "questions", written: questions.length, skipped: [] });
      path = next;
    }
    expect((await loadQuestions(path)).questions).toEqual(questions);
  },
);

const said = (role: string, content: string) => ({ role, content });
const CONVERSATION = [
  said("system", "be brief"),
  said("user", 'first, "quoted"\nline'),
  said("assistant", "one"),
  said("user", "second"),
  said("assistant", "two 中文"),
];
const ROWS = [
  { prompt: "p", completion: "c", label: "useful" },
  {
    prompt: "[1, 2]",
    completion: "{}",
    weight: 0.25,
    label: "noisy",
    metadata: { query: "q", deep: [1, { x: null }] },
  },
  { conversations: CONVERSATION.map(({ role, content }) => ({ from: role, value: content })), label: "useful" },
];

const withoutPlace = (records: readonly FineTuneRecord[]) => records.map(({ place: _, ...record }) => record);

const ROUNDS: [schema: RecordSchema, ending: string][] = [
  ...(["prompt-completion", "alpaca", "sharegpt"] as const).flatMap((schema) =>
    [".jsonl", ".json", ".parquet"].map((ending): [RecordSchema, string] => [schema, ending]),
  ),
  ["alpaca", ".csv"],
  ["sharegpt", ".csv"],
];

test.each(ROUNDS)("records written as %s to %s are read back as they were", async (schema, ending) => {
  const texts = write("texts.jsonl", ROWS.slice(0, 2));
  const talks = write("talks.jsonl", ROWS.slice(2));
  for (const input of [texts, talks]) {
    const records = await readRecords(input);
    const converted = await convertData(input, at(`out${ending}`), { schema });
    expect(converted).toEqual({ kind: "records", written: records.length, skipped: [] });
    expect(withoutPlace(await readRecords(at(`out${ending}`)))).toEqual(withoutPlace(records));
  }
});

test("a conversation stays one row of ShareGPT's and of Alpaca's, which teach all its turns", async () => {
  const talks = write("talks.jsonl", ROWS.slice(2));
  await convertData(talks, at("s.json"), { schema: "sharegpt" });
  expect(JSON.parse(readFileSync(at("s.json"), "utf8"))).toEqual([
    {
      system: "be brief",
      conversations: [
        { from: "human", value: 'first, "quoted"\nline' },
        { from: "gpt", value: "one" },
        { from: "human", value: "second" },
        { from: "gpt", value: "two 中文" },
      ],
      label: "useful",
    },
  ]);
  await convertData(talks, at("a.json"), { schema: "alpaca" });
  expect(JSON.parse(readFileSync(at("a.json"), "utf8"))).toEqual([
    {
      instruction: "second",
      input: "",
      output: "two 中文",
      system: "be brief",
      history: [['first, "quoted"\nline', "one"]],
      label: "useful",
    },
  ]);
});

test("prompts in parquet are lists of messages, and weights numbers", async () => {
  await convertData(write("texts.jsonl", ROWS.slice(0, 2)), at("r.parquet"));
  const rows = await parquetReadObjects({ file: await asyncBufferFromFile(at("r.parquet")) });
  expect(rows[1]).toEqual({
    prompt: [said("user", "[1, 2]")],
    completion: "{}",
    label: "noisy",
    weight: 0.25,
    metadata: { query: "q", deep: [1, { x: null }] },
  });
});

test("what a schema can't say is refused by the row's place", async () => {
  const onlyLast = write("last.jsonl", [
    { prompt: [said("user", "a"), said("assistant", "b"), said("user", "c")], completion: "d" },
  ]);
  await expect(convertData(onlyLast, at("x.json"), { schema: "sharegpt" })).rejects.toThrow(
    /last\.jsonl, line 1: sharegpt teaches every turn/,
  );
  const twice = write("twice.jsonl", [{ prompt: [said("user", "a"), said("user", "b")], completion: "c" }]);
  await expect(convertData(twice, at("x.json"), { schema: "alpaca" })).rejects.toThrow(
    /twice\.jsonl, line 1: alpaca can't hold it: .*got user, user, assistant/,
  );
  await expect(convertData(twice, at("x.csv"))).rejects.toThrow(/several messages does not fit a cell of CSV/);
  await expect(convertData(fixture("nq-open.jsonl"), at("x.json"), { schema: "alpaca" })).rejects.toThrow(
    /holds questions, which can't be written as alpaca/,
  );
  await expect(convertData(onlyLast, at("no/x.json"))).rejects.toThrow(/no\/x\.json can't be written: ENOENT/);
  await expect(convertData(onlyLast, at("x.txt"))).rejects.toThrow(/x\.txt: expected a name that ends in/);
});

test("an invalid row stops a conversion, or is left out and listed", async () => {
  const questions = write("q.jsonl", [{ question: "a?", answer: ["b"] }, { question: "c?" }]);
  await expect(convertData(questions, at("q.json"))).rejects.toThrow(/q\.jsonl, line 2: answers: there are none/);
  const lenient = { skipInvalid: true };
  expect(await convertData(questions, at("q.json"), lenient)).toEqual({
    kind: "questions",
    written: 1,
    skipped: [{ path: questions, place: "line 2", problem: "answers: there are none" }],
  });
  const records = write("r.jsonl", [
    { prompt: "a", completion: 1 },
    { prompt: "a", completion: "b" },
  ]);
  expect(await convertData(records, at("r.json"), lenient)).toMatchObject({
    written: 1,
    skipped: [{ place: "line 1", problem: expect.stringContaining("completion") }],
  });
});
