import { expect, test } from "vitest";
import type { EvaluatedTrajectoryLine } from "../run-files.ts";
import { comparisonsOf } from "./comparisons.ts";
import { madeEvaluation } from "./testing/made-evaluation.ts";
import { madeQuestion, madeRecord } from "./testing/made-trajectory.ts";
import { pairsOf, pickPairs, widestGroup } from "./trajectory-pairs.ts";

const COMPARISON = comparisonsOf([0, 9].map((step) => madeEvaluation({ name: "real", step })))[0];
if (!COMPARISON) throw new Error("two lines are one comparison");

/** What became of questions 0, 1, 2 …: right or wrong at step 0 and at step 9. */
function lines(outcomes: readonly (readonly [before: boolean, after: boolean])[]): EvaluatedTrajectoryLine[] {
  return [0, 9].flatMap((step, at) =>
    outcomes.map(
      (outcome, i): EvaluatedTrajectoryLine => ({
        step,
        name: "real",
        temperature: 0,
        record: madeRecord(madeQuestion(i), { step, isRight: outcome[at] ?? false, isSimulated: false }),
      }),
    ),
  );
}

test("a question is paired with itself, and told by whether its answers were right", () => {
  const made = lines([
    [true, true],
    [false, true],
    [false, false],
    [true, false],
  ]);
  const pairs = pairsOf(COMPARISON, made);
  expect(pairs.map(({ outcome }) => outcome)).toEqual([
    "right → right",
    "wrong → right",
    "wrong → wrong",
    "right → wrong",
  ]);
  for (const { before, after } of pairs) {
    expect(after.trajectory.question).toEqual(before.trajectory.question);
    expect([before.trajectory.key.step, after.trajectory.key.step]).toEqual([0, 9]);
  }
});

test("other evaluations, temperatures and steps, and questions that were kept only once, are no pair", () => {
  const [first, ...rest] = lines([[false, true]]);
  const strangers = rest.flatMap((line) => [
    { ...line, name: "simulated" },
    { ...line, temperature: 1 },
    { ...line, step: 5 },
  ]);
  expect(pairsOf(COMPARISON, first ? [first, ...strangers] : [])).toEqual([]);
});

test("what was learned is shown first, and every source has its turn", () => {
  // Questions 0, 2, 4 … are one-hop. Twelve became right, six stayed right, two became wrong.
  const made = lines([
    ...Array.from({ length: 12 }, () => [false, true] as const),
    ...Array.from({ length: 6 }, () => [true, true] as const),
    ...Array.from({ length: 2 }, () => [true, false] as const),
  ]);
  const picked = pickPairs(pairsOf(COMPARISON, made));
  expect(picked.map(({ outcome }) => outcome)).toEqual([
    ...Array.from({ length: 4 }, () => "wrong → right"),
    "right → right",
    "right → right",
    "right → wrong",
  ]);
  expect(picked.slice(0, 4).map(({ before }) => before.trajectory.question.id)).toEqual([
    "one/0",
    "two/1",
    "one/2",
    "two/3",
  ]);
});

test("of training's groups the one with the widest rewards is shown, its worst and its best", () => {
  const record = (i: number, sample: number, isRight: boolean) => ({
    step: 3,
    record: madeRecord(madeQuestion(i), { step: 3, sample, isRight, isSimulated: true, advantage: 0 }),
  });
  const [worst, best] =
    widestGroup([record(0, 0, false), record(0, 1, false), record(2, 0, true), record(2, 1, false)]) ?? [];
  expect(worst?.trajectory.key).toMatchObject({ questionId: "one/2", sample: 1 });
  expect(best?.trajectory.key).toMatchObject({ questionId: "one/2", sample: 0 });
  expect(widestGroup([record(0, 0, true)])).toBeUndefined();
});
