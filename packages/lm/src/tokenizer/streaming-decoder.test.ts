import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadTokenizer, type Tokenizer } from "./tokenizer.ts";

const golden = (name: string) => fileURLToPath(new URL(`../../../../test/golden/tokenizers/${name}`, import.meta.url));
const texts: readonly string[] = JSON.parse(readFileSync(golden("expected.json"), "utf8")).texts;

function streamed(tokenizer: Tokenizer, ids: readonly number[]): { chunks: string[]; rest: string } {
  const stream = tokenizer.streamingDecoder();
  const chunks = ids.map((id) => stream.push(id));
  return { chunks, rest: stream.flush() };
}

/** Park and Miller's generator: the same sequences in every run. */
function generator(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 48271) % 2147483647;
    return state % limit;
  };
}

describe.each(["qwen2.5", "llama3", "llama2"])("%s", (name) => {
  const tokenizer = loadTokenizer(golden(name));

  test("of 1,000 random sequences, the chunks and the rest are what decode gives", () => {
    const random = generator(7);
    const encoded = texts
      .filter((text) => /\P{ASCII}/u.test(text))
      .map((text) => tokenizer.encode(text, { allowSpecial: true }));
    for (let round = 0; round < 1000; round++) {
      const ids: number[] = [];
      for (let part = 0; part <= random(4); part++) {
        const known = encoded[random(encoded.length)] ?? [];
        if (random(2) === 0) ids.push(...known.slice(random(3), random(known.length + 1)));
        else for (let i = random(6); i >= 0; i--) ids.push(random(tokenizer.vocabularySize + 2));
      }
      const { chunks, rest } = streamed(tokenizer, ids);
      expect(chunks.join("") + rest).toBe(tokenizer.decode(ids));
      expect(chunks.filter((chunk) => /\p{Surrogate}/u.test(chunk))).toEqual([]);
    }
  });

  test("whole texts arrive in whole characters, and nothing is left to flush of byte-level ones", () => {
    for (const text of texts.filter((candidate) => !candidate.includes("\ufffd"))) {
      const { chunks, rest } = streamed(tokenizer, tokenizer.encode(text, { allowSpecial: false }));
      expect(chunks.join("") + rest).not.toMatch(/\ufffd/);
      if (name !== "llama2") expect(rest).toBe("");
    }
  });
});

test("a character of four tokens comes with the last of them", () => {
  const tokenizer = loadTokenizer(golden("llama2"));
  const ids = [0xf0, 0x9f, 0xa6, 0x8a].map((byte) => tokenizer.idOf(`<0x${byte.toString(16).toUpperCase()}>`) ?? -1);
  const end = tokenizer.idOf("</s>") ?? -1;
  expect(streamed(tokenizer, [...ids, end])).toEqual({ chunks: ["", "", "", "", "🦊</s>"], rest: "" });
  expect(streamed(tokenizer, ids)).toEqual({ chunks: ["", "", "", ""], rest: "🦊" });
  expect(streamed(tokenizer, ids.slice(1))).toEqual({ chunks: ["", "", ""], rest: "\ufffd\ufffd\ufffd" });
  const byteLevel = loadTokenizer(golden("qwen2.5"));
  const letters = ["ð", "Ł", "¦", "Ĭ"].map((letter) => byteLevel.idOf(letter) ?? -1);
  expect(streamed(byteLevel, letters)).toEqual({ chunks: ["", "", "", "🦊"], rest: "" });
});

test("a decoder may be used again after flush", () => {
  const tokenizer = loadTokenizer(golden("llama2"));
  const ids = tokenizer.encode("the answer", { allowSpecial: false });
  const stream = tokenizer.streamingDecoder();
  for (let round = 0; round < 2; round++) {
    expect(ids.map((id) => stream.push(id)).join("") + stream.flush()).toBe("the answer");
  }
});
