import type { Question } from "@zerosearch/zerosearch";
import { expect, test } from "vitest";
import { miniatureGate } from "./gate.ts";

const isTold = (question: string, query: string, shown: readonly string[]): boolean => {
  const asked: Question = { id: "0", text: question, answers: ["Dudu"], source: "test" };
  return miniatureGate({ question: asked, query, shown: shown.map((text) => ({ text })) });
};

test("a query of one hop must name the question's entity", () => {
  const shown = ["Lema is a book by Fezo."];
  expect(isTold("Who wrote Lema?", "author of Lema", shown)).toBe(true);
  expect(isTold("Who wrote Lema?", "author of Lemu", shown)).toBe(false);
  expect(isTold("Who wrote Lema?", "author of Fezo", shown)).toBe(false);
  expect(isTold("Who wrote Lema?", "who wrote", shown)).toBe(false);
});

test("a query of two hops must name what a shown document gives for the first", () => {
  const question = "Where was the author of Lema born?";
  const shown = ["Many people read Gusa.", "Lema is a book by Fezo.", "Fezo works for Tami."];
  expect(isTold(question, "birthplace of Fezo", shown)).toBe(true);
  expect(isTold(question, "where was Fezo born", ["Fezo wrote the book Lema."])).toBe(true);
  expect(isTold(question, "birthplace of Tami", shown)).toBe(false); // linked, but by another relation
  expect(isTold(question, "birthplace of Lema", shown)).toBe(false); // a hop skipped
  expect(isTold(question, "birthplace of Fezo", ["Pika is a book by Fezo."])).toBe(false); // of another book
  expect(isTold(question, "birthplace of Fezo", [])).toBe(false);
});
