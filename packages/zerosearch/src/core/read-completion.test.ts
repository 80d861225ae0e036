import { expect, test } from "vitest";
import { readCompletion } from "./read-completion.ts";

const choice = (content: unknown, finish_reason: unknown) => ({ choices: [{ message: { content }, finish_reason }] });

test("text, its end and the counts are read; counts may lack", () => {
  const usage = { prompt_tokens: 5, completion_tokens: 0, total_tokens: 5 };
  expect(readCompletion({ ...choice("", "length"), usage }, "s")).toEqual({
    text: "",
    finishReason: "length",
    promptTokens: 5,
    completionTokens: 0,
  });
  expect(readCompletion({ ...choice("hi", "stop"), usage: null }, "s")).toEqual({ text: "hi", finishReason: "stop" });
});

test.each([
  ["a page of HTML", "<html></html>"],
  ["nothing", undefined],
  ["no choice", { choices: [] }],
  ["no text", choice(null, "stop")],
  ["a tool call", choice(null, "tool_calls")],
  ["an unknown end", choice("x", "abort")],
  ["no end", choice("x", null)],
  ["a negative count", { ...choice("x", "stop"), usage: { prompt_tokens: -1 } }],
])("%s is malformed", (_, body) => {
  expect(() => readCompletion(body, "s")).toThrow(expect.objectContaining({ kind: "malformed" }));
});

test("a text that the server's filter withheld is rejected", () => {
  expect(() => readCompletion(choice("half", "content_filter"), "s")).toThrow(
    expect.objectContaining({ kind: "rejected" }),
  );
});
