import { expect, test } from "vitest";
import { parseAction } from "./action.ts";

test.each([
  ["<think>hm</think> <search> who wrote it </search>", { kind: "search", query: "who wrote it" }],
  ["<answer>\n Ada Lovelace \n</answer>", { kind: "answer", answer: "Ada Lovelace" }],
  ["<answer></answer>", { kind: "answer", answer: "" }],
  ["<search>  \n </search>", { kind: "invalid" }],
  ["no tags at all<|im_end|>", { kind: "invalid" }],
  ["<search> never closed", { kind: "invalid" }],
  ["never opened </search>", { kind: "invalid" }],
  ["<search> x </answer>", { kind: "invalid" }],
  ["<SEARCH>x</SEARCH>", { kind: "invalid" }],
  ["<answer> unsure <search> q </search>", { kind: "search", query: "q" }],
  ["<search>first</search>\n", { kind: "search", query: "first" }],
  ["<search>a</search><answer>b</answer>", { kind: "search", query: "a" }],
  ["<search>two\nlines 日本</search>", { kind: "search", query: "two\nlines 日本" }],
])("%j is parsed as in the reference's pattern", (text, action) => {
  expect(parseAction(text)).toEqual(action);
});
