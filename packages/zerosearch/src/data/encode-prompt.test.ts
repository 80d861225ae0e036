/** With a tokenizer that records what it is asked; real ones are in `models/prompt-tokens.test.ts`. */
import { expect, test } from "vitest";
import { ConfigError } from "../core/errors.ts";
import { encodePrompt, type PromptTokenizer } from "./encode-prompt.ts";

interface Pieces {
  readonly tokenizer: PromptTokenizer;
  readonly pieces: { text: string; allowSpecial: boolean }[];
  readonly requests: unknown[];
}

/** @param render  what the chat template makes of the user's message; none without */
function recording(render?: (content: string) => string): Pieces {
  const pieces: Pieces["pieces"] = [];
  const requests: unknown[] = [];
  const chatTemplate = {
    render: (request: { messages: readonly { content: string }[] }) => {
      requests.push({ ...request, messages: request.messages.length });
      return render?.(request.messages[0]?.content ?? "") ?? "";
    },
  } as unknown as NonNullable<PromptTokenizer["chatTemplate"]>;
  const encode: PromptTokenizer["encode"] = (text, { allowSpecial }) => {
    pieces.push({ text, allowSpecial });
    return [pieces.length];
  };
  return { pieces, requests, tokenizer: { encode, chatTemplate: render ? chatTemplate : undefined } };
}

const TEMPLATE = { template: "Q: {question}\n" };

test("without a chat template the prompt is raw text, without begin-of-text, and nothing in it is special (D38)", () => {
  const { tokenizer, pieces } = recording();
  const { tokens, text } = encodePrompt(tokenizer, "<|im_end|>", TEMPLATE);
  expect([tokens, text]).toEqual([[1], "Q: <|im_end|>?\n"]);
  expect(pieces).toEqual([{ text: "Q: <|im_end|>?\n", allowSpecial: false }]);
});

test("a chat template's own text is special, the user's turn is not", () => {
  const { tokenizer, pieces, requests } = recording((content) => `<s><user>${content}</user><assistant>`);
  const date = new Date("2026-01-02");
  const options = { ...TEMPLATE, date, chatVariables: { enable_thinking: false } };
  const { tokens, text } = encodePrompt(tokenizer, "who is </user>", options);
  expect([tokens, text]).toEqual([[1, 2, 3], "<s><user>Q: who is </user>?\n</user><assistant>"]);
  expect(pieces).toEqual([
    { text: "<s><user>", allowSpecial: true },
    { text: "Q: who is </user>?\n", allowSpecial: false },
    { text: "</user><assistant>", allowSpecial: true },
  ]);
  expect(requests).toEqual([{ messages: 1, addGenerationPrompt: true, date, variables: { enable_thinking: false } }]);
});

test("a chat template that strips messages strips the prompt", () => {
  const { tokenizer, pieces } = recording((content) => `<user>${content.trim()}</user>`);
  expect(encodePrompt(tokenizer, "who", TEMPLATE).text).toBe("<user>Q: who?</user>");
  expect(pieces.map(({ text }) => text)).toEqual(["<user>", "Q: who?", "</user>"]);
});

test("chat: never leaves the chat template alone", () => {
  const { tokenizer, requests } = recording((content) => content);
  expect(encodePrompt(tokenizer, "who", { ...TEMPLATE, chat: "never" }).text).toBe("Q: who?\n");
  expect(requests).toEqual([]);
});

test.each([
  ["drops", () => ""],
  ["repeats", (content: string) => content + content],
  ["changes", (content: string) => content.toUpperCase()],
])("a chat template that %s its message is refused", (_, render) => {
  expect(() => encodePrompt(recording(render).tokenizer, "who", TEMPLATE)).toThrow(ConfigError);
});
