import { ANSWER_NOW, INVALID_ACTION, NO_INFORMATION } from "@zerosearch/zerosearch";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AGENT_PROMPT, SIMULATOR_PROMPTS, THOUGHTS } from "./recipe.ts";
import { END_OF_TEXT, makeTokenizer } from "./tokenizer.ts";
import { allNames } from "./world/names.ts";
import { makeParts } from "./world/splits.ts";

const tokenizer = makeTokenizer();
const encode = (text: string): number[] => tokenizer.encode(text, { allowSpecial: false });
const pieces = (text: string): string[] => encode(text).map((id) => tokenizer.decode([id]));

test("every name is two tokens wherever it follows a space, and no two names are the same", () => {
  const ids = allNames().map((name) => encode(` ${name}`));
  expect(ids.filter(({ length }) => length !== 2)).toEqual([]);
  expect(new Set(ids.map((pair) => pair.join())).size).toBe(ids.length);
  const [name = ""] = allNames();
  expect(encode(`Who wrote ${name}?`).slice(-3, -1)).toEqual(encode(` ${name}`));
});

test("all texts of the world are spelled in words: no byte but punctuation and the end of a line", () => {
  const parts = Object.values(makeParts());
  const texts = parts.flatMap(({ passages, questions }) => [...passages, ...questions].map(({ text }) => ` ${text}`));
  const bytes = new Set(texts.flatMap(encode).filter((id) => id < 256));
  expect([...bytes].map((id) => tokenizer.decode([id])).sort()).toEqual([",", ".", "?"]);
});

test("the protocol's fixed texts are one token each, tags included", () => {
  expect(pieces(`<think> I must search </think> <search> who wrote </search>`)).toEqual([
    "<think>",
    " I",
    " must",
    " search",
    " </think>",
    " <search>",
    " who",
    " wrote",
    " </search>",
  ]);
  expect(pieces("\n\n<information>Doc 1: Many people\nDoc 2: It rains.</information>\n\n")).toEqual([
    "\n\n<information>",
    "Doc 1:",
    " Many",
    " people",
    "\nDoc 2:",
    " It",
    " rains",
    ".",
    "</information>\n\n",
  ]);
  for (const text of [INVALID_ACTION, ANSWER_NOW, NO_INFORMATION]) expect(pieces(text)).toEqual([text]);
});

test("prompts and thoughts hold no bytes but punctuation and line ends", () => {
  for (const text of [AGENT_PROMPT, ...Object.values(SIMULATOR_PROMPTS), ...Object.values(THOUGHTS)]) {
    const spelled = encode(text.replace(/ ?\{[a-z]+\}/g, "")).filter((id) => id < 256);
    expect(spelled.map((id) => tokenizer.decode([id])).join("")).toMatch(/^[.\n]*$/);
  }
});

test("any text comes back as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(tokenizer.decode(encode(text))).toBe(text);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("the end of text is a control token that no text can spell", () => {
  expect(encode(END_OF_TEXT)).not.toContain(tokenizer.eosId);
  expect(tokenizer.encode(END_OF_TEXT, { allowSpecial: true })).toEqual([tokenizer.eosId]);
});
