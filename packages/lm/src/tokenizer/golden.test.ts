/** What Python's tokenizers and transformers make of the same files: scripts/make-golden-tokenizers.py. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { ChatMessage } from "./chat-template.ts";
import { loadTokenizer } from "./tokenizer.ts";

interface Golden {
  readonly cases: readonly { readonly ids: number[]; readonly plain?: number[]; readonly decoded?: string }[];
  /** Ids, their text, and their text without special tokens if it differs. */
  readonly decodes: readonly (readonly [ids: number[], text: string, withoutSpecial?: string])[];
}

interface GoldenChat {
  readonly messages: ChatMessage[];
  readonly addGenerationPrompt: boolean;
  readonly tools: object[] | null;
  readonly text?: string;
  readonly error?: string;
}

const folder = (name: string) => fileURLToPath(new URL(`../../../../test/golden/tokenizers/${name}`, import.meta.url));
const golden = JSON.parse(readFileSync(folder("expected.json"), "utf8"));
const texts: readonly string[] = golden.texts;

/** What is lost before the model sees a text: by the files' own normalizers. */
const NORMALIZERS: Readonly<Record<string, (text: string) => string>> = {
  "qwen2.5": (text) => text.normalize("NFC"),
  llama2: (text) => text.replaceAll("▁", " "),
};

test("the golden file has at least 200 texts", () => expect(texts.length).toBeGreaterThanOrEqual(200));

describe.each(["qwen2.5", "llama3", "llama2"])("%s", (name) => {
  const tokenizer = loadTokenizer(folder(name));
  const { cases, decodes }: Golden = golden[name];
  const normalize = NORMALIZERS[name] ?? ((text: string) => text);
  const added = new Set(
    JSON.parse(readFileSync(`${folder(name)}/tokenizer.json`, "utf8")).added_tokens.map(({ id }: { id: number }) => id),
  );

  test("ids are equal, with special tokens recognised", () => {
    for (const [i, text] of texts.entries()) {
      expect([text, tokenizer.encode(text, { allowSpecial: true })]).toEqual([text, cases[i]?.ids]);
    }
  });

  test("ids are equal, with special tokens as ordinary characters", () => {
    for (const [i, text] of texts.entries()) {
      if (name === "llama2" && text.includes("<unk>")) continue; // Rust knows the unknown token even then
      const ids = tokenizer.encode(text, { allowSpecial: false });
      expect([text, ids]).toEqual([text, cases[i]?.plain ?? cases[i]?.ids]);
    }
  });

  test("text without special tokens never gives an added token, and decodes to itself", () => {
    for (const text of texts) {
      const ids = tokenizer.encode(text, { allowSpecial: false });
      expect(ids.filter((id) => added.has(id))).toEqual([]);
      expect(tokenizer.decode(ids)).toBe(normalize(text));
    }
  });

  test("texts of encoded ids are equal", () => {
    for (const [i, text] of texts.entries()) {
      const row = cases[i];
      expect(tokenizer.decode(row?.ids ?? [])).toBe(row?.decoded ?? text);
    }
  });

  test("texts of random ids are equal, and the same when streamed", () => {
    for (const [ids, text, withoutSpecial = text] of decodes) {
      expect([ids, tokenizer.decode(ids)]).toEqual([ids, text]);
      expect([ids, tokenizer.decode(ids, { skipSpecial: true })]).toEqual([ids, withoutSpecial]);
      const stream = tokenizer.streamingDecoder({ skipSpecial: true });
      expect(ids.map((id) => stream.push(id)).join("") + stream.flush()).toBe(withoutSpecial);
    }
  });
});

describe.each(["qwen2.5", "llama3"])("the chat template of %s", (name) => {
  const { chatTemplate } = loadTokenizer(folder(name));
  const chats: readonly GoldenChat[] = golden.chats[name];
  test.each(chats.map((chat, i) => [i, chat] as const))("conversation %d", (_, { tools, text, error, ...request }) => {
    const variables = { date_string: golden.chats.date };
    const render = () => chatTemplate?.render({ ...request, ...(tools ? { tools } : {}), variables });
    if (error === undefined) expect(render()).toBe(text);
    else expect(render).toThrow(error);
  });
});
