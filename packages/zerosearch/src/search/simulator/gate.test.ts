import { describe, expect, test } from "vitest";
import { entityOverlapGate, entityWords, noGate } from "./gate.ts";

const ask = (text: string, query: string, shown: string[] = []) =>
  entityOverlapGate({
    question: { id: "1", text, answers: ["x"], source: "test" },
    query,
    shown: shown.map((document) => ({ text: document })),
  });

describe("entities", () => {
  test.each<[string, string[]]>([
    ["When did the George Washington Bridge open?", ["george", "washington", "bridge"]],
    ["In which year was O'Brien's film about Apollo 11 released in the US?", ["o'brien", "apollo", "11", "us"]],
    ["who got the first nobel prize in physics", ["got", "first", "nobel", "prize", "physics"].slice(1)],
    ["Discover which film won best picture", ["discover", "film", "won", "best", "picture"]],
    ["Beyoncé's début", ["beyonce", "debut"]],
    ["Who is it?", []],
  ])("%j names %j", (text, words) => {
    expect([...entityWords(text)]).toEqual(words);
  });

  test("scripts without case or spaces have words, too", () => {
    expect(entityWords("東京の人口").size).toBeGreaterThan(1);
    expect(ask("東京の人口", "東京")).toBe(true);
    expect(ask("東京の人口", "大阪")).toBe(false);
  });
});

describe("a query deserves the truth", () => {
  const question = "What country is the founder of Ikea from?";

  test("if it names an entity of the question, in any case, whole or in part", () => {
    for (const query of ["Ikea founder", "IKEA", "who founded ikea?", "ikea's history"]) {
      expect(ask(question, query)).toBe(true);
    }
    expect(ask("Where was Barack Obama born?", "obama birthplace")).toBe(true);
  });

  test("not if it shares common words alone, or none", () => {
    for (const query of ["what country is the founder from", "Sweden", "gili is in which country", "?"]) {
      expect(ask(question, query)).toBe(false);
    }
    expect(ask("Which US state is largest?", "tell us which")).toBe(false);
  });

  test("if a document that was shown named what it names", () => {
    const shown = ["Ikea was founded in 1943 by Ingvar Kamprad."];
    expect(ask(question, "where was kamprad born")).toBe(false);
    expect(ask(question, "where was kamprad born", shown)).toBe(true);
    expect(ask(question, "was founded in Denmark", shown)).toBe(false);
  });

  test("if the question names nothing, or nothing is gated", () => {
    expect(ask("Who is it?", "anything")).toBe(true);
    const context = { question: { id: "1", text: question, answers: ["x"], source: "" }, query: "zzz", shown: [] };
    expect(noGate(context)).toBe(true);
  });
});
