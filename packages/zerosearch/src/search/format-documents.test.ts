import { describe, expect, test } from "vitest";
import { formatDocuments, NO_INFORMATION } from "./format-documents.ts";

const countTokens = (text: string) => text.split(/\s+/u).length;
const documents = [
  { title: "Danube", text: "A river in Europe." },
  { text: "No title here." },
  { title: "Only a title", text: "" },
];

describe("layout", () => {
  test("a document is a line, with its title apart from its text", () => {
    expect(formatDocuments(documents)).toEqual({
      text: "Doc 1: (Title: Danube) A river in Europe.\nDoc 2: No title here.\nDoc 3: (Title: Only a title)",
      shownCount: 3,
      isShortened: false,
    });
  });

  test("Search-R1's models read the lines they were trained on", () => {
    expect(formatDocuments(documents.slice(0, 1), { layout: "search-r1" }).text).toBe(
      "Doc 1(Title: Danube) A river in Europe.",
    );
  });

  test("nothing found is said in the paper's words; empty documents are nothing", () => {
    const nothing = { text: "No information available", shownCount: 0, isShortened: false };
    expect(NO_INFORMATION).toBe(nothing.text);
    expect(formatDocuments([])).toEqual(nothing);
    expect(formatDocuments([{ text: " \n" }, { title: "\u200B", text: "\u0000" }])).toEqual(nothing);
  });

  test("empty documents take no number", () => {
    expect(formatDocuments([{ text: "" }, { text: "second" }]).text).toBe("Doc 1: second");
  });
});

describe("budget", () => {
  const words = (count: number) => Array.from({ length: count }, (_, at) => `w${at}`).join(" ");
  const five = [4, 4, 4, 1, 1].map((count) => ({ text: words(count) }));

  test("documents go whole, from the end, and order is kept", () => {
    // Each line is "Doc", "i:" and its words: 6, 6, 6, 3, 3.
    const shown = (maxTokens: number) => formatDocuments(five, { budget: { maxTokens, countTokens } }).shownCount;
    expect([6, 11, 12, 17, 18, 20, 21, 24, 1000].map(shown)).toEqual([1, 1, 2, 2, 3, 3, 4, 5, 5]);
    expect(formatDocuments(five, { budget: { maxTokens: 13, countTokens } })).toEqual({
      text: `Doc 1: ${words(4)}\nDoc 2: ${words(4)}`,
      shownCount: 2,
      isShortened: false,
    });
  });

  test("the first alone is shortened rather than dropped", () => {
    const { text, ...rest } = formatDocuments([{ text: words(50) }, { text: "b" }], {
      budget: { maxTokens: 10, countTokens },
    });
    expect(text).toBe(`Doc 1: ${words(7)} …`);
    expect(rest).toEqual({ shownCount: 1, isShortened: true });
  });

  test("counting may include the tags, which then always stand within the budget", () => {
    const wrap = (text: string) => `\n\n<information>${text}</information>\n\n`;
    const characters = (text: string) => wrap(text).length;
    for (let maxTokens = 60; maxTokens < 400; maxTokens += 7) {
      const { text } = formatDocuments(five, { budget: { maxTokens, countTokens: characters } });
      expect(wrap(text).length).toBeLessThanOrEqual(maxTokens);
      expect(text.startsWith("Doc 1: w0")).toBe(true);
    }
  });

  test("a budget without room for a single word is a mistake", () => {
    const budget = { maxTokens: 2, countTokens };
    expect(() => formatDocuments(five, { budget })).toThrow(/No document fits into 2 tokens/);
  });
});
