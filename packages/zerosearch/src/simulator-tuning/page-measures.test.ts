import { expect, test } from "vitest";
import { agreementOf, measurePages } from "./page-measures.ts";

const page = (...texts: string[]) => texts.map((text) => ({ text }));

test("form, length and variety are counted as by hand", () => {
  const pages = [
    page("one two three", "one two", "One, two!"),
    page("four"),
    [],
    page("one two three", "one two", "one two"),
  ];
  const measures = measurePages(
    pages.map((each, i) => ({ query: `${i}`, page: each })),
    3,
  );
  expect(measures).toMatchObject({
    pages: 4,
    parsed: { count: 4, share: 3 / 4 },
    complete: { count: 4, share: 2 / 4 },
    documentsPerPage: 7 / 4,
    wordsPerDocument: (3 + 2 + 2 + 1 + 3 + 2 + 2) / 7,
    distinctPages: { count: 3, share: 2 / 3 }, // case and punctuation make no other page
    distinctPairs: { count: 8, share: 2 / 8 }, // one two, two three
    repeatedDocuments: { count: 7, share: 2 / 7 },
  });
});

test("the same page for the same query is no lack of variety", () => {
  const asked = [page("a"), page("a"), page("b")].map((each) => ({ query: each[0]?.text ?? "", page: each }));
  expect(measurePages(asked, 1).distinctPages).toMatchObject({ count: 2, share: 1 });
});

test("agreement is Dice's overlap of words that say something, and documents taken over word for word", () => {
  const query = "danube";
  const real = [{ title: "Danube", text: "The Danube ends in the Black Sea." }, { text: "Vienna lies on it." }];
  const copied = [{ text: "(Title: Danube) The Danube ends in the Black Sea." }, { text: "Ulm" }];
  const { words, documents, pages } = agreementOf([{ query, page: copied, real }]);
  // danube ends black sea vienna lies against danube ends black sea ulm
  expect(words).toBeCloseTo((2 * 4) / (6 + 5));
  expect(documents).toMatchObject({ count: 2, share: 1 / 2 });
  expect(pages).toBe(1);
  expect(agreementOf([{ query, page: real, real }])).toMatchObject({ words: 1, documents: { share: 1 } });
  expect(agreementOf([{ query, page: [], real }])).toMatchObject({ words: 0, documents: { count: 0 } });
});
