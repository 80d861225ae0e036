import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { RequestError } from "../errors.ts";
import { learnMerges } from "./learn-merges.ts";
import { loadTokenizer } from "./tokenizer.ts";
import { DEFAULT_SPLIT_PATTERN, trainBpe } from "./train-bpe.ts";

const golden = (name: string) => fileURLToPath(new URL(`../../../../test/golden/tokenizers/${name}`, import.meta.url));
const { texts, trainedOn } = JSON.parse(readFileSync(golden("expected.json"), "utf8"));
const sentences: readonly string[] = [...texts.slice(0, trainedOn), ...texts.slice(0, trainedOn)];

/** tokenizer.json of a tokenizer, through a folder. */
function jsonOf(tokenizer: { save(folder: string): void }): { model: { merges: string[][]; vocab: object } } {
  const folder = mkdtempSync(join(tmpdir(), "zerosearch-train-"));
  tokenizer.save(folder);
  const json = JSON.parse(readFileSync(join(folder, "tokenizer.json"), "utf8"));
  rmSync(folder, { recursive: true });
  return json;
}

test("merges by hand: the most frequent pair first, of equals the one of smaller ids, counts kept up to date", () => {
  // ab 5 (3 in "ab", 2 in "abc"), bc 4 (2 in "abc", 2 in "bc"); then bc 2 and (ab)c 2, where b < ab
  const words = new Map([
    ["ab", 3],
    ["abc", 2],
    ["bc", 2],
  ]);
  const { merges, tokens } = learnMerges(words, ["a", "b", "c"], { size: 10, minCount: 1 });
  expect(merges).toEqual([
    ["a", "b"],
    ["b", "c"],
    ["ab", "c"],
  ]);
  expect(tokens).toEqual(["a", "b", "c", "ab", "bc", "abc"]);
  expect(learnMerges(words, ["a", "b", "c"], { size: 10, minCount: 3 }).merges).toEqual([["a", "b"]]);
  expect(learnMerges(words, ["a", "b", "c"], { size: 4, minCount: 1 }).merges).toEqual([["a", "b"]]);
  expect(learnMerges(new Map([["aaaaa", 1]]), ["a"], { size: 9, minCount: 1 }).tokens).toEqual([
    "a",
    "aa",
    "aaa", // of aa·aa and aa·a, each there once
    "aaaaa",
  ]);
});

test.each([
  ["qwen2.5", 900, DEFAULT_SPLIT_PATTERN],
  ["llama3", 800, DEFAULT_SPLIT_PATTERN.replace("|\\p{N}|", "|\\p{N}{1,3}|")],
])("merges and ids are those of Hugging Face's trainer: %s", (name, vocabularySize, splitPattern) => {
  const reference = JSON.parse(readFileSync(join(golden(name), "tokenizer.json"), "utf8"));
  const normal = name === "qwen2.5" ? sentences.map((text) => text.normalize("NFC")) : sentences;
  const options = { texts: normal, vocabularySize, specialTokens: [], splitPattern, minCount: 1 };
  const { model } = jsonOf(trainBpe(options));
  expect(model.merges).toEqual(reference.model.merges);
  expect(reference.model.vocab).toMatchObject(model.vocab);
});

test("the order of the texts does not matter", () => {
  const train = (texts: readonly string[]) =>
    jsonOf(trainBpe({ texts, vocabularySize: 500, specialTokens: ["<end>"] }));
  expect(train([...sentences].reverse())).toEqual(train(sentences));
});

test("a trained tokenizer spells every text, and its special tokens have the last ids", () => {
  const chatTemplate = "{% for m in messages %}{{ m.content }}{{ eos_token }}{% endfor %}";
  const tokenizer = trainBpe({
    texts: sentences,
    vocabularySize: 600,
    specialTokens: ["<pad>", "<end>"],
    eosToken: "<end>",
    padToken: "<pad>",
    chatTemplate,
  });
  expect([tokenizer.vocabularySize, tokenizer.padId, tokenizer.eosId, tokenizer.bosId]).toEqual([
    600,
    598,
    599,
    undefined,
  ]);
  for (const text of texts) {
    const ids = tokenizer.encode(text, { allowSpecial: false });
    expect(tokenizer.decode(ids)).toBe(text);
    expect(Math.max(0, ...ids)).toBeLessThan(598);
  }
  const prompt = tokenizer.chatTemplate?.render({
    messages: [{ role: "user", content: "Who?" }],
    addGenerationPrompt: false,
  });
  expect(tokenizer.encode(prompt ?? "", { allowSpecial: true }).at(-1)).toBe(599);
});

test("saved and loaded it is the same", () => {
  const folder = mkdtempSync(join(tmpdir(), "zerosearch-train-"));
  const tokenizer = trainBpe({ texts: sentences, vocabularySize: 400, specialTokens: ["<end>"], bosToken: "<end>" });
  tokenizer.save(folder);
  const loaded = loadTokenizer(folder);
  rmSync(folder, { recursive: true });
  expect([loaded.vocabularySize, loaded.bosId]).toEqual([tokenizer.vocabularySize, tokenizer.bosId]);
  for (const text of texts) {
    expect(loaded.encode(text, { allowSpecial: true })).toEqual(tokenizer.encode(text, { allowSpecial: true }));
  }
});

test("no texts give the 256 bytes and the special tokens", () => {
  const tokenizer = trainBpe({ texts: [], vocabularySize: 1000, specialTokens: ["<end>"] });
  expect(tokenizer.vocabularySize).toBe(257);
  expect(tokenizer.encode("é", { allowSpecial: true })).toHaveLength(2);
});

test.each([
  [{ vocabularySize: 257, specialTokens: ["<a>", "<b>"] }, /at least 258, for 256 bytes and 2 special tokens: got 257/],
  [{ vocabularySize: 300.5, specialTokens: [] }, /must be an integer/],
  [{ vocabularySize: 300, specialTokens: ["<a>", "<a>"] }, /<a> stands there twice/],
  [{ vocabularySize: 300, specialTokens: [""] }, /a token is empty/],
  [{ vocabularySize: 300, specialTokens: ["<a>"], eosToken: "<b>" }, /<b> must be one of specialTokens: <a>/],
])("options that make no tokenizer are refused: %o", (options, message) => {
  expect(() => trainBpe({ texts: [], ...options })).toThrow(RequestError);
  expect(() => trainBpe({ texts: [], ...options })).toThrow(message);
});
