import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ConfigError, DataError } from "../core/errors.ts";
import { compareResults, type ResultComparison } from "./compare-results.ts";
import { readCompared } from "./read-compared.ts";

let place = "";
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "zerosearch-compare-"));
});
afterEach(() => rmSync(place, { recursive: true }));

/** One letter per question: `r` is right, `h` half right (F1 2/3), `w` wrong, `-` without an answer. */
const SAID: Readonly<Record<string, string | null>> = { r: "Paris", h: "Paris, France", w: "Rome", "-": null };

interface Given {
  readonly letters: string;
  readonly source?: (i: number) => string;
  readonly answers?: readonly string[];
}

function write(name: string, { letters, source, answers = ["Paris"] }: Given): string {
  const rows = [...letters].map((letter, i) => ({
    id: `q${i}`,
    prediction: SAID[letter],
    answers,
    ...(source && { source: source(i) }),
  }));
  const path = join(place, name);
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return path;
}

async function compare(first: Given, second: Given): Promise<ResultComparison> {
  return compareResults(await readCompared(write("a.jsonl", first)), await readCompared(write("b.jsonl", second)));
}

test("exact match by McNemar's test and F1 by permutation, as counted by hand", async () => {
  const comparison = await compare({ letters: "rrrwwwww-w" }, { letters: "rrwrrrrr-r" });
  // One only right in the first, six only in the second: 2 · (C(7,0) + C(7,1)) / 2⁷. F1 differs by 1 on the same seven:
  // of 2⁷ signs as many sums are at least 5 from 0.
  expect(comparison).toMatchObject({
    questions: 10,
    exactMatch: { first: 0.3, second: 0.8, onlyFirst: 1, onlySecond: 6, pValue: expect.closeTo(0.125, 12) },
    f1: { first: 0.3, second: 0.8, pValue: 0.125 },
    engineDifferences: null,
  });
  const { value, low, high } = comparison.f1.difference;
  expect(value).toBeCloseTo(0.5, 12);
  expect(low).toBeLessThan(0.3);
  expect(high).toBeGreaterThan(0.7);
});

test("half an answer counts for F1 alone", async () => {
  const comparison = await compare({ letters: "wwww" }, { letters: "hhhh" });
  expect(comparison.exactMatch).toMatchObject({ onlyFirst: 0, onlySecond: 0, pValue: 1 });
  expect(comparison.f1.second).toBeCloseTo(2 / 3, 12);
  // Only the sum as it is and its opposite are as large: 2 of 2⁴.
  expect(comparison.f1.pValue).toBe(0.125);
  expect(comparison.f1.difference).toMatchObject({ low: comparison.f1.difference.value });
});

test("the two sides change places, and signs with them", async () => {
  const [first, second] = [{ letters: "rwhrw-" }, { letters: "rrwwwh" }];
  const [there, back] = [await compare(first, second), await compare(second, first)];
  expect(back.f1.pValue).toBe(there.f1.pValue);
  expect(back.f1.difference.value).toBeCloseTo(-there.f1.difference.value, 12);
  expect(back.exactMatch.onlyFirst).toBe(there.exactMatch.onlySecond);
});

test("each source is compared by itself too", async () => {
  const source = (i: number): string => (i < 2 ? "nq" : "musique");
  const { bySource } = await compare({ letters: "rrww", source }, { letters: "rrrr", source });
  expect(bySource).toMatchObject({
    nq: { questions: 2, exactMatch: { first: 1, second: 1, pValue: 1 } },
    musique: { questions: 2, exactMatch: { first: 0, second: 1, pValue: 0.5 } },
  });
});

test("other questions are refused, and how many match is said", async () => {
  await expect(compare({ letters: "rrr" }, { letters: "rrrrr" })).rejects.toThrow(ConfigError);
  await expect(compare({ letters: "rrr" }, { letters: "rrrrr" })).rejects.toThrow(
    /3 match by id and golden answers, 0 are only in the first and 2 only in the second/u,
  );
  const other = { letters: "rrr", answers: ["Rome"] };
  await expect(compare({ letters: "rrr" }, other)).rejects.toThrow(/: 0 match .*, 3 are only in the first and 3 only/u);
});

test("a folder must hold a finished evaluation, a file predictions, and each question once", async () => {
  await expect(readCompared(place)).rejects.toThrow(/holds no result\.json: .*--resume/u);
  await expect(readCompared(join(place, "none"))).rejects.toThrow(DataError);
  const path = write("twice.jsonl", { letters: "r" });
  writeFileSync(path, '{"id": 7, "prediction": "x", "answers": ["x"]}\n'.repeat(2));
  await expect(readCompared(path)).rejects.toThrow(/line 2: question 7 is answered a second time/u);
  writeFileSync(path, '{"prediction": "x", "answers": ["x"]}\n');
  await expect(readCompared(path)).rejects.toThrow(/line 1: .*id.*Expected \{"id", "prediction", "answers"\}/u);
});
