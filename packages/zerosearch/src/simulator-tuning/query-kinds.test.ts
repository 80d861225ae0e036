import { expect, test } from "vitest";
import type { Question } from "../core/question.ts";
import { entityOverlapGate } from "../search/simulator/gate.ts";
import type { CollectedSearch, SearchInPlace } from "./collected-search.ts";
import { makeAuditQueries } from "./query-kinds.ts";

const question = (id: string, text: string, ...answers: string[]): Question => ({ id, text, answers, source: "" });
const QUESTIONS = [
  question("1", "Where was Ada Lovelace born?", "London"),
  question("2", "Where was Alan Turing born?", "london"),
  question("3", "Where was Emmy Noether born?", "Erlangen"),
];
const collected = (of: Question, query: string): SearchInPlace<CollectedSearch> => ({
  search: {
    questionId: of.id,
    question: of.text,
    answers: of.answers,
    source: "",
    query,
    documents: [{ text: `about ${query}` }],
    engine: {},
    sample: 0,
    turn: 1,
  },
  shown: [{ text: "shown before" }],
});
const SEARCHES = [
  collected(QUESTIONS[0] as Question, "Ada Lovelace birthplace"),
  collected(QUESTIONS[0] as Question, "Ada Lovelace birthplace"),
  collected(QUESTIONS[2] as Question, "noether born"),
];

test("of collected searches come the questions, the queries with their pages, those of others and nameless ones", () => {
  const queries = makeAuditQueries(
    { questions: [QUESTIONS[1] as Question], searches: SEARCHES },
    { perKind: 9, seed: 0 },
  );
  const told = queries.map(({ kind, question: { id }, query }) => `${kind}: ${id} ${query}`).sort();
  expect(told).toEqual([
    "another question's: 1 noether born",
    "another question's: 3 Ada Lovelace birthplace",
    "collected: 1 Ada Lovelace birthplace",
    "collected: 3 noether born",
    "question: 1 Where was Ada Lovelace born",
    "question: 2 Where was Alan Turing born",
    "question: 3 Where was Emmy Noether born",
    "without its entities: 1 birthplace",
    "without its entities: 3 born",
  ]);
  expect(queries.find(({ kind }) => kind === "collected")?.documents).toHaveLength(1);
  expect(queries.filter(({ kind, documents }) => kind !== "collected" && documents)).toEqual([]);
  expect(queries.filter(({ kind, shown }) => (kind === "question") === shown.length > 0)).toEqual([]);
});

test("of questions alone come questions, those of others with other answers, and nameless ones", () => {
  const queries = makeAuditQueries({ questions: QUESTIONS, searches: [] }, { perKind: 9, seed: 0 });
  const others = queries.filter(({ kind }) => kind === "another question's");
  expect(others.map(({ question: { id } }) => id).sort()).toEqual(["1", "2", "3"]);
  for (const { question: own, query } of others) {
    if (own.id === "3") expect(query).not.toContain("Noether");
    else expect(query).toBe("Where was Emmy Noether born"); // the other one has the same answer
    expect(entityOverlapGate({ question: own, query, shown: [] })).toBe(false);
  }
  const nameless = queries.filter(({ kind }) => kind === "without its entities");
  expect(nameless.map(({ query }) => query)).toEqual(["Where was born", "Where was born", "Where was born"]);
});

test("no more of a kind than wanted, the same by the same seed", () => {
  const make = (seed: number) => makeAuditQueries({ questions: QUESTIONS, searches: SEARCHES }, { perKind: 1, seed });
  expect(make(1).map(({ kind }) => kind)).toEqual([
    "question",
    "collected",
    "another question's",
    "without its entities",
  ]);
  expect(make(1)).toEqual(make(1));
  expect(new Set(Array.from({ length: 9 }, (_, seed) => make(seed)[0]?.query)).size).toBe(3);
});
