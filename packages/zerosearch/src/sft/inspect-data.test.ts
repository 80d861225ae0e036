import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { inspectData } from "./inspect-data.ts";

const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../test/fixtures/questions/${name}`, import.meta.url));

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-inspect-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test("a file of questions: columns, sources, answers, lengths, the first rows", async () => {
  const facts = await inspectData(fixture("zerosearch.parquet"), { shown: 1 });
  expect(facts).toMatchObject({
    kind: "questions",
    columns: expect.arrayContaining(["prompt", "question", "golden_answers"]),
    rows: 3,
    questions: 3,
    sources: { nq: 2, hotpotqa: 1 },
    answers: { count: 3, least: 1, median: 1, greatest: 2 },
    // "when", "who wrote it", "¿dónde está la señora?"
    lengths: { question: { least: 4, median: 12, greatest: 22, mean: 38 / 3 } },
    first: [{ id: "nq:train_0" }],
    problems: [],
  });
});

test("every row that is no question is named, with its place and what is wrong", async () => {
  const path = write(
    "q.jsonl",
    '{"question":"a?","answer":["b"],"id":"x"}\n{"question":"c?"}\n\n{"quest\n{"question":"d?","answer":["e"],"id":"x"}\n',
  );
  const facts = await inspectData(path);
  expect(facts).toMatchObject({ rows: 4, questions: 1 });
  expect(facts.problems.map(({ place, problem }) => [place, problem.slice(0, 20)])).toEqual([
    ["line 2", "answers: there are n"],
    ["line 4", "is no JSON: Untermin"],
    ["line 5", 'id "x" is that of '.concat(path).slice(0, 20)],
  ]);
});

test("a file of records: schema, labels, lengths by whatever counts them", async () => {
  const rows = [
    { instruction: "one two", output: "a b c", label: "useful" },
    { instruction: "one", input: "two three", output: "a", label: "noisy" },
    { instruction: 5, output: "a" },
    { instruction: "one", output: "a b" },
  ];
  const words = (text: string): number => text.split(/\s+/).length;
  expect(await inspectData(write("r.json", JSON.stringify(rows)), { lengthOf: words })).toMatchObject({
    kind: "records",
    schema: "alpaca",
    rows: 4,
    records: 3,
    labels: { useful: 1, noisy: 1, none: 1 },
    lengths: {
      prompt: { count: 3, least: 1, median: 2, mean: 2, greatest: 3 },
      completion: { count: 3, least: 1, median: 2, p95: 3 },
    },
    problems: [{ place: "row 3", problem: expect.stringContaining("instruction") }],
  });
});

test("a file without a readable row, and one that is none, are errors with their path", async () => {
  await expect(inspectData(write("e.jsonl", "\n"))).rejects.toThrow(/e\.jsonl has no rows/);
  await expect(inspectData(write("b.jsonl", "{\n"))).rejects.toThrow(/b\.jsonl: no row can be read; line 1 is no JSON/);
  await expect(inspectData(write("n.json", "[1]"))).rejects.toThrow(
    /n\.json: no row can be read; row 1 is no object: 1/,
  );
  await expect(inspectData(write("p.parquet", "PAR1"))).rejects.toThrow(/p\.parquet: can't be read as parquet/);
  await expect(inspectData(join(folder, "no.json"))).rejects.toThrow(/there is no such file/);
});
