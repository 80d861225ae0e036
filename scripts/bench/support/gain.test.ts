import { expect, test } from "vitest";
import { gainOf } from "./gain.ts";

const line = (step: number, value: number | undefined, name = "real", temperature = 0) => ({
  step,
  name,
  temperature,
  ...(value !== undefined && { measures: { exactMatch: { value } } }),
});
const REAL = { name: "real", temperature: 0 };

test("a gain is taken from before the first step to after the last, of one evaluation and temperature", () => {
  const evaluations = [
    line(0, 0.4),
    line(0, 0.1, "real", 1),
    line(0, 0.5, "simulated"),
    line(10, 0.9),
    line(40, 0.6),
    line(40, 0.45, "real", 1),
    line(40, 0.7, "simulated"),
  ];
  expect(gainOf(evaluations, REAL)).toEqual({ before: 0.4, after: 0.6 });
  expect(gainOf(evaluations, { name: "real", temperature: 1 })).toEqual({ before: 0.1, after: 0.45 });
});

test("lines of a resumed run may come in any order", () => {
  expect(gainOf([line(40, 0.6), line(10, 0.5), line(0, 0.4)], REAL)).toEqual({ before: 0.4, after: 0.6 });
});

test.each([
  { what: "no evaluation", evaluations: [] },
  { what: "another evaluation", evaluations: [line(0, 0.4, "simulated"), line(40, 0.6, "simulated")] },
  { what: "an evaluation before training alone", evaluations: [line(0, 0.4)] },
  { what: "evaluations of a trained policy alone", evaluations: [line(10, 0.4), line(40, 0.6)] },
  { what: "a last evaluation of which every rollout failed", evaluations: [line(0, 0.4), line(40, undefined)] },
])("$what is no gain", ({ evaluations }) => {
  expect(() => gainOf(evaluations, REAL)).toThrow(/"real" at temperature 0/);
});
