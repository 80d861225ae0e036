import { expect, test } from "vitest";
import { wilsonInterval } from "../../core/statistics.ts";
import type { EvaluationLine } from "../run-files.ts";
import { beforeAfterRows } from "./before-after.ts";
import { changeOf, comparisonsOf, hasChange } from "./comparisons.ts";
import { madeEvaluation } from "./testing/made-evaluation.ts";

test("the interval of a change is Newcombe's", () => {
  // Newcombe 1998, Statistics in Medicine 17:873, table II, example (a), method 10: 56/70 − 48/80.
  const { value, low, high } = changeOf(wilsonInterval(48, 80), wilsonInterval(56, 70));
  expect(value).toBeCloseTo(0.2, 12);
  expect(low).toBeCloseTo(0.0524, 4);
  expect(high).toBeCloseTo(0.3339, 4);
});

const steps = (lines: readonly EvaluationLine[]) =>
  comparisonsOf(lines).map(({ name, temperature, before, after }) => [name, temperature, before.step, after.step]);

test("the first and the last evaluation of each name and temperature are compared, real engines first", () => {
  const lines = [0, 10, 40].flatMap((step) =>
    [1, 0].flatMap((temperature) => [
      madeEvaluation({ name: "sim", step, temperature, engine: "simulator" }),
      madeEvaluation({ name: "real", step, temperature, engine: "fts" }),
    ]),
  );
  expect(steps(lines)).toEqual([
    ["real", 0, 0, 40],
    ["real", 1, 0, 40],
    ["sim", 0, 0, 40],
    ["sim", 1, 0, 40],
  ]);
});

test("one evaluation alone is no change", () => {
  const [only] = comparisonsOf([madeEvaluation({ name: "real", step: 0 })]);
  expect(only && hasChange(only)).toBe(false);
  expect(beforeAfterRows(only ? [only] : [])[0]).toMatchObject({
    before: { exactMatch: { value: 0.5 } },
    after: undefined,
  });
});

test("sources have rows of their own where there are several", () => {
  const rows = (sources: readonly string[]) =>
    beforeAfterRows(comparisonsOf([0, 4].map((step) => madeEvaluation({ name: "real", step, sources })))).map(
      ({ source }) => source,
    );
  expect(rows(["nq"])).toEqual([undefined]);
  expect(rows(["nq", "hotpot"])).toEqual([undefined, "nq", "hotpot"]);
});
