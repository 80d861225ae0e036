import fc from "fast-check";
import { expect, test } from "vitest";
import { readExactJson, writeExactJson } from "./exact-json.ts";
import { readTrajectoryLine, type TrajectoryRecord, writeTrajectoryLine } from "./trajectory-line.ts";

const RECORD: TrajectoryRecord = {
  trajectory: {
    key: { seed: 7, step: 3, questionId: "nq/1", sample: 2 },
    question: { id: "nq/1", text: "Who?\nReally", answers: ["A"], source: "nq", metadata: { page: 4 } },
    segments: [
      { kind: "prompt", tokens: [1, 2], text: "Q" },
      {
        kind: "action",
        tokens: [3, 4],
        logProbs: [-0.1, Number.NEGATIVE_INFINITY],
        fullLogProbs: [-0.30000000000000004, -1e-300],
        text: "<search>x</search>",
        action: { kind: "search", query: "x" },
        generationMs: 1.5,
      },
      {
        kind: "observation",
        cause: "search",
        tokens: [5],
        text: "D",
        result: {
          documents: [{ text: "D", score: -0 }],
          source: "simulator",
          latencyMs: 2,
          simulation: { intent: "noisy", isDeserved: true, holdsAnswer: false, isRepeated: false, draws: 1 },
        },
      },
    ],
    stopReason: "turn-limit",
    answer: null,
    policyVersion: 1,
    lastPolicyVersion: 1,
    totalMs: 9,
    searchMs: 2,
  },
  score: { reward: 0.1 + 0.2, measures: { f1: Number.NaN } },
  advantages: { advantages: Float64Array.of(-0, 5e-324), returns: Float64Array.of(1, 2) },
  oldLogProbs: Float64Array.of(-0.1, -0.2),
  referenceLogProbs: Float64Array.of(-0.3, -0.4),
  values: Float64Array.of(0, 1),
};

test("a rollout comes back from its line with every number the same to the bit", () => {
  const line = writeTrajectoryLine({ step: 3, record: RECORD });
  expect(line).not.toContain("\n");
  expect(readTrajectoryLine(line)).toEqual({ step: 3, record: RECORD });
});

test("a failed rollout has no advantages and nothing that was not measured", () => {
  const { trajectory, score } = RECORD;
  const line = { step: 1, record: { trajectory, score, advantages: null } };
  expect(readTrajectoryLine(writeTrajectoryLine(line))).toStrictEqual(line);
});

test("any double comes back from JSON as itself", () => {
  fc.assert(
    fc.property(fc.array(fc.double()), fc.double(), (list, single) => {
      const back = readExactJson(writeExactJson({ list, single })) as { list: number[]; single: number };
      return back.list.every((value, i) => Object.is(value, list[i])) && Object.is(back.single, single);
    }),
  );
});

test("objects that only look like written numbers stay objects", () => {
  const values = [{ $number: "seven" }, { $number: 5 }, { $number: "NaN", unit: "s" }];
  expect(readExactJson(writeExactJson(values))).toEqual(values);
});
