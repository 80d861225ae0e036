import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { answerMeasures } from "./answer-measures.ts";

interface GoldenCase {
  readonly prediction: string;
  readonly answers: readonly string[];
  readonly exactMatch: number;
  readonly coverExactMatch: number;
  readonly f1: number;
}

const GOLDEN: { readonly cases: readonly GoldenCase[] } = JSON.parse(
  readFileSync(new URL("../../../../test/golden/rewards.json", import.meta.url), "utf8"),
);

test("540 predictions for real questions score as in Python", () => {
  expect(GOLDEN.cases).toHaveLength(540);
  for (const { prediction, answers, ...expected } of GOLDEN.cases) {
    expect([prediction, answerMeasures(prediction, answers)]).toEqual([prediction, { ...expected, answered: 1 }]);
  }
});

/** By hand: exact match, cover exact match, F1. */
const BY_HAND: readonly [string, readonly string[], number, number, number][] = [
  ["The Emmanuel Macron", ["Emmanuel Macron!"], 1, 1, 1],
  ["emmanuel macron", ["Brigitte Macron", "Emmanuel Macron"], 1, 1, 1],
  // D1: the reference calls these exact matches.
  ["not Paris but Lyon", ["Paris"], 0, 1, 2 / 5],
  ["anything at all", ["The"], 0, 0, 0],
  ["", ["the"], 0, 0, 0],
  ["the", ["The"], 0, 0, 0],
  ["!?", ["..."], 0, 0, 0],
  ["everything I know: Paris, London, Rome, 1999", ["1999"], 0, 1, 2 / 8],
  ["concatenation", ["cat"], 0, 1, 0],
  // The other way round nothing is covered.
  ["Paris", ["Paris, France"], 0, 0, 2 / 3],
  ["Simon and Garfunkel", ["and"], 0, 1, 1 / 2],
  ["and", ["Simon and Garfunkel"], 0, 0, 1 / 2],
  ["", ["Paris"], 0, 0, 0],
  // Words count as often as they come.
  ["Paris Paris Paris", ["Paris"], 0, 1, 1 / 2],
  ["New York New York", ["New York, New York"], 1, 1, 1],
  ["York New", ["New York"], 0, 0, 1],
  ["yes", ["no"], 0, 0, 0],
  ["yes it is", ["yes"], 0, 1, 1 / 2],
  // Numbers are words: no two ways of writing one are the same.
  ["3,677", ["3677"], 1, 1, 1],
  ["3.14", ["314"], 1, 1, 1],
  ["fourteen", ["14"], 0, 0, 0],
  ["December 14, 1972", ["14 December 1972"], 0, 0, 1],
  ["1 000", ["1000"], 0, 0, 0],
  ["1972-12-14", ["19721214"], 1, 1, 1],
  // Letters beyond ASCII are compared as they are.
  ["São Paulo", ["são paulo"], 1, 1, 1],
  ["Sao Paulo", ["São Paulo"], 0, 0, 1 / 2],
  ["中文", ["中文"], 1, 1, 1],
  ["“Paris”", ["Paris"], 0, 1, 0],
  ["ÅNGSTRÖM", ["ångström"], 1, 1, 1],
  ["Zurich\u00a0 Airport", ["zurich airport"], 1, 1, 1],
  // Articles go wherever they stand as words.
  ["An A-team", ["ateam"], 1, 1, 1],
  ["Vitamin A", ["vitamin"], 1, 1, 1],
  ["theatre", ["the atre"], 0, 1, 0],
  ["a", ["A", "b"], 0, 0, 0],
];

test.each(BY_HAND)("%j for %j", (prediction, answers, ...scores) => {
  const [exactMatch, coverExactMatch, f1] = scores;
  expect(answerMeasures(prediction, answers)).toEqual({ exactMatch, coverExactMatch, f1, answered: 1 });
});

test("no answer is nothing of everything; an empty one was an answer", () => {
  expect(answerMeasures(null, ["Paris"])).toEqual({ exactMatch: 0, coverExactMatch: 0, f1: 0, answered: 0 });
  expect(answerMeasures("", ["Paris"])).toEqual({ exactMatch: 0, coverExactMatch: 0, f1: 0, answered: 1 });
});

test("an exact match is covered and has F1 1; F1 is the same both ways; more golden answers never hurt", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "the", " ", ".", "é", "1") });
  fc.assert(
    fc.property(text, text, text, (prediction, gold, other) => {
      const measures = answerMeasures(prediction, [gold]);
      if (measures.exactMatch === 1) expect([measures.coverExactMatch, measures.f1]).toEqual([1, 1]);
      expect(measures.f1).toBe(answerMeasures(gold, [prediction]).f1);
      expect(measures.f1).toBeGreaterThanOrEqual(0);
      expect(measures.f1).toBeLessThanOrEqual(1);
      const more = answerMeasures(prediction, [other, gold]);
      for (const name of ["f1", "exactMatch", "coverExactMatch"] as const) {
        expect(more[name]).toBeGreaterThanOrEqual(measures[name]);
      }
    }),
  );
});
