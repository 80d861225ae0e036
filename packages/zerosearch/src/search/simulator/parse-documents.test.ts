import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SearchError } from "../../core/errors.ts";
import { cutAfter, parseDocuments } from "./parse-documents.ts";

const textsOf = (text: string, topK = 5) => parseDocuments(text, topK).map((document) => document.text);

describe("the reference's cut", () => {
  test("closes up empty lines once, and ends before document topK + 1", () => {
    expect(cutAfter("Doc 1: a\n\nDoc 2: b\n\n\nDoc 3: c", 2)).toBe("Doc 1: a\nDoc 2: b\n\n");
    expect(cutAfter("Doc 1: a, see Doc 6 there", 5)).toBe("Doc 1: a, see ");
    expect(cutAfter("Doc 1: a", 5)).toBe("Doc 1: a");
  });
});

describe("documents", () => {
  test("are what follows each number, at most topK", () => {
    const text = "Doc 1: The first.\nDoc 2: The second.\n\nDoc 3: The third.\nDoc 4: The fourth.";
    expect(textsOf(text)).toEqual(["The first.", "The second.", "The third.", "The fourth."]);
    expect(textsOf(text, 3)).toEqual(["The first.", "The second.", "The third."]);
    expect(textsOf("Doc 1: a\nDoc 1: b\nDoc 1: c", 2)).toEqual(["a", "b"]);
  });

  test("go on over lines, and lose what stands before the first and what is empty", () => {
    const text = "Useful Output:\n\nDoc 1: The first\nends here.\r\n  Truly. \nDoc 2:\nDoc 3: third";
    expect(textsOf(text)).toEqual(["The first ends here. Truly.", "third"]);
  });

  test.each([
    "Document 1: one\nDocument 2. two",
    "**Doc 1:** one\n**Doc 2**: two",
    "- doc: one\n- doc: two",
    "Doc: one\nDoc: two",
    "  DOC 7) one\n\tDoc 9 : two",
    "Doc 1\none\nDoc 2\ntwo",
    "1. one\n2. two",
    "1) one\n\n2) two",
    "Doc 1 - one\nDoc 2 – two",
  ])("may be marked as in %j", (text) => {
    expect(textsOf(text)).toEqual(["one", "two"]);
  });

  test("words that only begin like a mark are text, and numbered lines inside named documents, too", () => {
    expect(textsOf("Doc 1: The list:\n1. Doctors\nDoctor Who\nDocument types vary")).toEqual([
      "The list: 1. Doctors Doctor Who Document types vary",
    ]);
  });

  test.each(["", "\n\n", "I'm sorry, I can't help with that.", "Doc 1:\nDoc 2:  ", "Doc 6: late"])(
    "of which %j holds none are a typed failure that shows the text",
    (text) => {
      const failure = () => parseDocuments(text, 5);
      expect(failure).toThrow(SearchError);
      expect(failure).toThrow(expect.objectContaining({ kind: "malformed" }));
      expect(failure).toThrow(`wrote ${JSON.stringify(text)}, expected`);
    },
  );

  test("written as asked for are read as they were meant", () => {
    const line = fc.stringMatching(/^[a-z][a-z0-9 ,.'-]{0,40}[a-z]$/u).filter((text) => !/\bdoc/iu.test(text));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 8 }), (documents, topK) => {
        const text = documents.map((document, i) => `Doc ${i + 1}: ${document}`).join("\n\n");
        expect(textsOf(text, topK)).toEqual(documents.slice(0, topK));
      }),
    );
  });
});
