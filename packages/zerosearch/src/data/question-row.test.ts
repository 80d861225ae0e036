import { expect, test } from "vitest";
import { parseQuestionRow } from "./question-row.ts";

const CONTEXT = { source: "file", index: 4 };

test.each([
  [
    "ours",
    { id: "q1", question: " Who? ", answers: ["A", "B"], source: "mine", metadata: { level: 2 } },
    { id: "q1", text: " Who? ", answers: ["A", "B"], source: "mine", metadata: { level: 2 } },
  ],
  [
    "ZeroSearch",
    {
      id: "train_7",
      question: "who",
      golden_answers: ["A", "B"],
      data_source: "nq",
      prompt: [{ role: "user", content: "…" }],
      ability: "fact-reasoning",
      reward_model: { style: "rule", ground_truth: { target: ["B", "A"] } },
      extra_info: { split: "train", index: 7 },
      metadata: null,
    },
    { id: "nq:train_7", text: "who", answers: ["A", "B"], source: "nq" },
  ],
  [
    "Search-R1 without id and golden_answers",
    {
      question: "who",
      data_source: "hotpotqa",
      reward_model: { ground_truth: { target: "A" } },
      extra_info: { split: "test", index: 7 },
    },
    { id: "hotpotqa:test_7", text: "who", answers: ["A"], source: "hotpotqa" },
  ],
  [
    "FlashRAG",
    { id: "dev_0", question: "who", golden_answers: ["A"], metadata: { type: "bridge" } },
    { id: "file:dev_0", text: "who", answers: ["A"], source: "file", metadata: { type: "bridge" } },
  ],
  [
    "NQ-open",
    { question: "who", answer: ["A", "B", "A"] },
    { id: "file:4", text: "who", answers: ["A", "B"], source: "file" },
  ],
  [
    "HotpotQA",
    { _id: "5a8b", question: "who", answer: "yes", type: "comparison", level: "hard", supporting_facts: [["T", 0]] },
    {
      id: "5a8b",
      text: "who",
      answers: ["yes"],
      source: "file",
      metadata: { type: "comparison", level: "hard", supporting_facts: [["T", 0]] },
    },
  ],
  [
    "MuSiQue",
    { id: "2hop__1", question: "who", answer: "A", answer_aliases: ["B"] },
    { id: "2hop__1", text: "who", answers: ["A", "B"], source: "file" },
  ],
  [
    "TriviaQA",
    { question_id: "tc_1", question: "who", answer: { value: "A", aliases: ["A", "a."], type: "WikipediaEntity" } },
    { id: "tc_1", text: "who", answers: ["A", "a."], source: "file" },
  ],
  ["Bamboogle", { Question: "Who?", Answer: "A" }, { id: "file:4", text: "Who?", answers: ["A"], source: "file" }],
  [
    "a numbered id",
    { id: 12, question: "who", answers: ["A"] },
    { id: "12", text: "who", answers: ["A"], source: "file" },
  ],
])("a row of %s", (_, row, expected) => {
  expect(parseQuestionRow(row, CONTEXT)).toEqual(expected);
});

test("two sources that number their rows alike get different ids (D28)", () => {
  const row = { question: "who", golden_answers: ["A"], extra_info: { index: 3 }, id: "train_3" };
  const ids = ["nq", "hotpotqa"].map((data_source) => parseQuestionRow({ ...row, data_source }, CONTEXT));
  expect(ids).toMatchObject([{ id: "nq:train_3" }, { id: "hotpotqa:train_3" }]);
});

test.each([
  ["a blank question", { question: " ", answers: ["A"] }, /question: must not be blank/],
  ["no question", { answers: ["A"] }, /question: there is none/],
  ["no answer", { question: "who" }, /answers: there are none/],
  ["an empty list of answers", { question: "who", answers: [] }, /answers: must hold an answer/],
  [
    "a blank answer among others",
    { question: "who", golden_answers: ["A", "\t"] },
    /golden_answers\.1: must not be blank/,
  ],
  ["a number as answer", { question: "who", answers: [1999] }, /answers\.0/],
  ["a blank single answer", { question: "who", answer: "" }, /answer/],
  ["a blank CSV answer", { Question: "who", Answer: "" }, /Answer: must not be blank/],
  [
    "answers that contradict each other",
    { question: "who", golden_answers: ["A"], reward_model: { ground_truth: { target: ["B"] } } },
    /contradict/,
  ],
  ["no object", "who", /row: /],
  ["nothing", null, /row: /],
])("%s is a problem", (_, row, message) => {
  expect(parseQuestionRow(row, CONTEXT)).toEqual({ problem: expect.stringMatching(message) });
});
