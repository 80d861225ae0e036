import { expect, test } from "vitest";
import type { Versions } from "../run/versions.ts";
import { evaluationConfigSchema } from "./evaluation-config.ts";
import { type EvaluationResult, evaluationResult } from "./evaluation-result.ts";
import { type Prediction, predictionOf } from "./prediction-log.ts";
import { resultMarkdown } from "./result-markdown.ts";
import { resultPage } from "./result-page.ts";

const VERSIONS: Versions = {
  zerosearch: "0.1.0",
  node: "20.0.0",
  libtorch: { version: "1.13.0", cudaDevices: 0, blas: "", products: "avx2", threads: 1 },
  platform: "linux",
  processor: "test",
  cores: 1,
};

const HOSTILE = `<script src="https://evil.example/x.js">alert("1")</script>`;

/** Two sources: one of two questions, half of them right, the other of one question, which failed. */
const PREDICTIONS: readonly Prediction[] = [
  ["nq", "Paris"] as const,
  ["nq", HOSTILE] as const,
  ["musique", null] as const,
].map(([source, answer], i) =>
  predictionOf(
    { id: `q${i}`, text: `${HOSTILE} ${i}`, answers: ["Paris"], source },
    {
      answer,
      stopReason: answer === null ? "search-failed" : "answered",
      ...(answer === null && { failure: `down ${HOSTILE}` }),
      queries: [HOSTILE],
      turns: 2,
      tokens: 10,
    },
  ),
);

function resultOf(changes: object = {}): EvaluationResult {
  const config = evaluationConfigSchema.parse({
    model: { path: HOSTILE },
    search: { engine: "serpapi" },
    data: { files: ["f.jsonl"] },
    ...changes,
  });
  const engine = { name: "serpapi", identity: { url: "https://serpapi.com" } };
  return evaluationResult(PREDICTIONS, { config, engine, createdAt: "2026-01-31T10:00:00Z", versions: VERSIONS });
}

test("all questions count, failed ones as wrong, and searches cost what the engine's price says", () => {
  expect(resultOf()).toMatchObject({
    questions: 3,
    failed: 1,
    measures: { exactMatch: { value: 1 / 3 }, answered: { value: 2 / 3 } },
    bySource: { nq: { questions: 2, failed: 0 }, musique: { questions: 1, failed: 1, measures: { f1: { value: 0 } } } },
    stopReasons: { answered: 2, "search-failed": 1 },
    searchCost: { searches: 3, dollarsPer1000: 15, dollars: 0.045 },
  });
  expect(resultOf({ dollarsPer1000Searches: 100 }).searchCost.dollars).toBeCloseTo(0.3, 12);
});

test("a key that was written into the configuration is not in the result", () => {
  const simulator = {
    engine: "simulator",
    prompt: "tuned",
    model: { kind: "endpoint", urls: ["http://127.0.0.1/v1"], extraBody: { apiKey: "sk-1234" } },
  };
  expect(JSON.stringify(resultOf({ search: simulator }))).not.toContain("sk-1234");
});

test("the page needs nothing from elsewhere, runs nothing, and shows what models say as text", () => {
  const page = resultPage(resultOf(), PREDICTIONS);
  expect(page).not.toMatch(/<script/iu);
  expect(page).not.toMatch(/<[^>]*(?:src|href)=/u);
  expect(page).not.toMatch(/@import|url\(/u);
  expect(page).toContain("default-src 'none'");
  expect(page.match(/&lt;script/gu)?.length).toBeGreaterThan(8);
  expect(page).toContain("no answer: down &lt;script");
  expect(page).toContain("33.3");
});

test("the text has a row per source, their mean, and all questions", () => {
  const rows = resultMarkdown(resultOf())
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").map((cell) => cell.trim()));
  expect(rows.map(([, title, n]) => [title, n])).toEqual([
    ["source", "n"],
    ["---", "---:"],
    ["nq", "2"],
    ["musique", "1"],
    ["mean of sources", ""],
    ["**all questions**", "3"],
  ]);
  expect(rows.every((row) => row.length === 12)).toBe(true);
  expect(rows[4]?.[3]).toBe("25.0"); // (50 + 0) / 2
  expect(rows[5]?.[3]).toMatch(/^33\.3 \(/u);
});
