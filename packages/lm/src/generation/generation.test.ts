import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadTokenizer, type Tokenizer } from "../tokenizer/tokenizer.ts";
import { Generation } from "./generation.ts";
import type { FinishReason, StopOptions } from "./request.ts";
import { Run } from "./sequence.ts";

const golden = (name: string): Tokenizer =>
  loadTokenizer(fileURLToPath(new URL(`../../../../test/golden/tokenizers/${name}`, import.meta.url)));
const llama2 = golden("llama2");
const qwen = golden("qwen2.5");

function begin(tokenizer: Tokenizer, options: StopOptions): { generation: Generation; run: Run } {
  const generation = new Generation(tokenizer.streamingDecoder(), () => {});
  return { generation, run: new Run(options, generation, { decoder: tokenizer.streamingDecoder(), firstPlace: 0 }) };
}

/** What is streamed, token by token, when a model writes these ids. */
async function write(
  tokenizer: Tokenizer,
  ids: readonly number[],
  stop: Partial<StopOptions> = {},
): Promise<{ texts: string[]; reason: FinishReason }> {
  const { generation, run } = begin(tokenizer, { maxTokens: ids.length, ...stop });
  for (const id of ids) {
    const reason = run.accept({ id, logProb: 0, fullLogProb: 0 });
    if (!reason) continue;
    run.end(reason);
    break;
  }
  const texts: string[] = [];
  for await (const { text } of generation) texts.push(text);
  return { texts, reason: (await generation.result).finishReason };
}

describe.each([
  ["bytes as a fallback", llama2],
  ["byte-level", qwen],
])("%s", (_, tokenizer) => {
  test("wherever maxTokens cuts a text, all that is streamed is what decode makes of the tokens", async () => {
    const ids = tokenizer.encode("a🦊 — né 🦊", { allowSpecial: false });
    const cut: string[] = [];
    for (let length = 1; length <= ids.length; length++) {
      const { texts, reason } = await write(tokenizer, ids.slice(0, length));
      expect(texts).toHaveLength(length);
      expect(texts.join("")).toBe(tokenizer.decode(ids.slice(0, length)));
      expect(reason).toEqual({ kind: "max-tokens" });
      cut.push(texts.join(""));
    }
    expect(cut.at(-1)?.trim()).toBe("a🦊 — né 🦊");
    expect(cut.some((text) => text.endsWith("\ufffd"))).toBe(true);
  });

  test("a character that a token which ends it leaves broken is streamed, too", async () => {
    const bytes = tokenizer.encode("🦊", { allowSpecial: false }).slice(0, -1);
    const end = tokenizer.encode("b", { allowSpecial: false }).at(-1) ?? -1;
    const { texts, reason } = await write(tokenizer, [...bytes, end, end], { stopIds: [end] });
    expect(reason).toEqual({ kind: "stop-id", id: end });
    expect(texts.join("")).toBe(tokenizer.decode([...bytes, end]));
    const last = bytes.at(-1) ?? -1;
    expect((await write(tokenizer, bytes, { stopIds: [last] })).texts.join("")).toBe(tokenizer.decode(bytes));
  });
});

test("a stop string whose bytes are the last that may come ends the text, and with more to come it waits for them", async () => {
  const fox = llama2.encode("a🦊", { allowSpecial: false });
  const more = llama2.encode("a🦊b", { allowSpecial: false });
  expect((await write(llama2, fox, { stopStrings: ["🦊"] })).reason).toEqual({ kind: "stop-string", text: "🦊" });
  const { texts, reason } = await write(llama2, more, { stopStrings: ["🦊"] });
  expect(reason).toEqual({ kind: "stop-string", text: "🦊" });
  expect(texts.join("")).toBe("a🦊b");
  expect((await write(llama2, fox.slice(0, -1), { stopStrings: ["🦊"] })).reason).toEqual({ kind: "max-tokens" });
});

test("a token is streamed before the next one is sampled", async () => {
  const { generation, run } = begin(qwen, { maxTokens: 3 });
  const stream = generation[Symbol.asyncIterator]();
  for (const text of ["a", "b", "c"]) {
    const [id = -1] = qwen.encode(text, { allowSpecial: false });
    const next = stream.next();
    run.accept({ id, logProb: -1, fullLogProb: -2 });
    expect(await next).toEqual({ done: false, value: { id, logProb: -1, fullLogProb: -2, text } });
  }
});

test("an aborted text streams what is certain and ends", async () => {
  const { generation, run } = begin(llama2, { maxTokens: 100 });
  const ids = llama2.encode("a🦊", { allowSpecial: false });
  for (const id of ids) run.accept({ id, logProb: 0, fullLogProb: 0 });
  run.end({ kind: "aborted" });
  let streamed = "";
  for await (const { text } of generation) streamed += text;
  expect(streamed).toBe("a");
  expect((await generation.result).tokens.map(({ id }) => id)).toEqual(ids);
});
