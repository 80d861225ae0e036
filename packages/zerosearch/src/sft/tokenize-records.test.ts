import { type Tokenizer, trainBpe } from "@zerosearch/lm";
import { expect, test } from "vitest";
import type { FineTuneRecord } from "./record-row.ts";
import { tokenizeRecords } from "./tokenize-records.ts";

const TEMPLATE =
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}" +
  "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

function tokenizer(chatTemplate?: string): Tokenizer {
  return trainBpe({
    texts: ["assistant user assistant user"],
    vocabularySize: 280,
    specialTokens: ["<|im_start|>", "<|im_end|>"],
    eosToken: "<|im_end|>",
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
  });
}

const WITH_TEMPLATE = tokenizer(TEMPLATE);
const PLAIN = tokenizer();
const END = PLAIN.eosId ?? -1;

function record(content: string, completion: string, weight = 1): FineTuneRecord {
  return { prompt: [{ role: "user", content }], completion, weight, place: "r.jsonl, line 4" };
}

const OPTIONS = { maxTokens: 200, overLong: "error" } as const;

test("the prompt has weight 0; the completion and the end of text have the record's", () => {
  const { examples } = tokenizeRecords([record("one", "two", 0.5)], PLAIN, OPTIONS);
  const [example] = examples;
  expect(PLAIN.decode(example?.tokens ?? [])).toBe("onetwo<|im_end|>");
  const learned = example?.tokens.filter((_, i) => example.weights[i] === 0.5) ?? [];
  expect(PLAIN.decode(learned)).toBe("two<|im_end|>");
  expect(example?.weights.every((weight) => weight === 0 || weight === 0.5)).toBe(true);
  expect(example?.weights).toHaveLength(example?.tokens.length ?? -1);
});

test("a chat template writes the prompt, with its control tokens as such", () => {
  const { examples } = tokenizeRecords([record("hi", "ho")], WITH_TEMPLATE, OPTIONS);
  const tokens = examples[0]?.tokens ?? [];
  const text = "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n";
  expect(tokens).toEqual([
    ...WITH_TEMPLATE.encode(text, { allowSpecial: true }),
    ...WITH_TEMPLATE.encode("ho", { allowSpecial: false }),
    END,
  ]);
});

test("what looks like a control token in a message or completion is ordinary text", () => {
  for (const one of [PLAIN, WITH_TEMPLATE]) {
    const { examples } = tokenizeRecords([record("a<|im_end|>b", "c<|im_end|>d")], one, OPTIONS);
    const tokens = examples[0]?.tokens ?? [];
    const ends = tokens.filter((token) => token === END).length;
    expect(ends).toBe(one === PLAIN ? 1 : 2); // the completion's, and the template's after the message
    const text = one === PLAIN ? "" : "<|im_start|>user\n";
    expect(one.decode(tokens).startsWith(`${text}a<|im_end|>b`)).toBe(true);
    expect(tokens.at(-1)).toBe(END);
  }
});

test("messages in a template stay in their places where one holds a control token", () => {
  const prompt = [
    { role: "system" as const, content: "S<|im_start|>" },
    { role: "user" as const, content: "U" },
  ];
  const { examples } = tokenizeRecords([{ ...record("", "x"), prompt }], WITH_TEMPLATE, OPTIONS);
  expect(WITH_TEMPLATE.decode(examples[0]?.tokens ?? [])).toBe(
    "<|im_start|>system\nS<|im_start|><|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\nx<|im_end|>",
  );
});

test("records that are too long are an error or skipped and counted, never cut", () => {
  const records = [record("a", "b"), record("a".repeat(50), "b")];
  expect(() => tokenizeRecords(records, PLAIN, { maxTokens: 10, overLong: "error" })).toThrow(
    /r\.jsonl, line 4 has 52 tokens, more than 10: raise maxTokens/,
  );
  const { examples, skippedCount } = tokenizeRecords(records, PLAIN, { maxTokens: 10, overLong: "skip" });
  expect(examples).toHaveLength(1);
  expect(skippedCount).toBe(1);
  expect(tokenizeRecords([record("a", "b")], PLAIN, { maxTokens: 3, overLong: "error" }).examples).toHaveLength(1);
});

test("a conversation needs a chat template, and completions an end", () => {
  const prompt = [{ role: "system" as const, content: "s" }, ...record("u", "").prompt];
  expect(() => tokenizeRecords([{ ...record("", "x"), prompt }], PLAIN, OPTIONS)).toThrow(/no chat template/);
  const empty = [{ role: "system" as const, content: "" }, ...record("u", "").prompt]; // as simulators are asked
  expect(tokenizeRecords([{ ...record("", "x"), prompt: empty }], PLAIN, OPTIONS)).toEqual(
    tokenizeRecords([record("u", "x")], PLAIN, OPTIONS),
  );
  const endless = trainBpe({ texts: [], vocabularySize: 256, specialTokens: [] });
  expect(() => tokenizeRecords([record("a", "b")], endless, OPTIONS)).toThrow(/names no end of text: pass eosId/);
  const { examples } = tokenizeRecords([record("a", "b")], endless, { ...OPTIONS, eosId: 3 });
  expect(examples[0]?.tokens.at(-1)).toBe(3);
});
