import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ModelFileError } from "../errors.ts";
import { loadTokenizer } from "./tokenizer.ts";

const golden = (name: string) => fileURLToPath(new URL(`../../../../test/golden/tokenizers/${name}`, import.meta.url));

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-tokenizer-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Json {
  added_tokens: Record<string, unknown>[];
  model: { type: string; vocab: Record<string, number>; merges: string[][]; ignore_merges: boolean };
  decoder: unknown;
}

/** A golden tokenizer with its tokenizer.json changed, in `folder`. */
function change(name: string, edit: (json: Json) => void): void {
  cpSync(golden(name), folder, { recursive: true });
  const json: Json = JSON.parse(readFileSync(join(folder, "tokenizer.json"), "utf8"));
  edit(json);
  writeFileSync(join(folder, "tokenizer.json"), JSON.stringify(json));
}

const addToken = (json: Json, content: string, id: number, more = {}) =>
  json.added_tokens.push({ id, content, special: true, normalized: false, lstrip: false, rstrip: false, ...more });

test("roles, sizes and names come from the files", () => {
  const qwen = loadTokenizer(golden("qwen2.5"));
  expect(qwen.vocabularySize).toBe(922);
  expect([qwen.bosId, qwen.eosId, qwen.padId]).toEqual([
    undefined,
    qwen.idOf("<|im_end|>"),
    qwen.idOf("<|endoftext|>"),
  ]);
  expect(qwen.specialIds.size).toBe(14);
  expect(qwen.tokenOf(qwen.idOf("<tool_call>") ?? -1)).toBe("<tool_call>");
  expect([qwen.idOf("no such token"), qwen.tokenOf(922), qwen.tokenOf(-1)]).toEqual([undefined, undefined, undefined]);
  const llama = loadTokenizer(golden("llama2"));
  expect([llama.bosId, llama.eosId, llama.padId, llama.chatTemplate]).toEqual([1, 2, undefined, undefined]);
});

test("a saved tokenizer has the same bytes", () => {
  loadTokenizer(golden("llama3")).save(join(folder, "saved"));
  const names = readdirSync(golden("llama3")).sort();
  expect(names).toContain("chat_template.jinja");
  expect(readdirSync(join(folder, "saved")).sort()).toEqual(names);
  for (const name of names) {
    expect(readFileSync(join(folder, "saved", name))).toEqual(readFileSync(join(golden("llama3"), name)));
  }
});

test("nothing is added to a text, and lone surrogates become U+FFFD", () => {
  const tokenizer = loadTokenizer(golden("llama3"));
  for (const allowSpecial of [true, false]) {
    expect(tokenizer.encode("", { allowSpecial })).toEqual([]);
    const ids = tokenizer.encode("a\ud83db\ude00", { allowSpecial });
    expect(ids).toEqual(tokenizer.encode("a\ufffdb\ufffd", { allowSpecial }));
    expect(tokenizer.decode(ids)).toBe("a\ufffdb\ufffd");
  }
});

describe("untrusted text gives no added token", () => {
  test.each(["qwen2.5", "llama3", "llama2"])("whichever of %s it spells, wherever it stands", (name) => {
    const tokenizer = loadTokenizer(golden(name));
    const json: Json = JSON.parse(readFileSync(join(golden(name), "tokenizer.json"), "utf8"));
    const added = new Map(json.added_tokens.map(({ content, id }) => [String(content), Number(id)]));
    const ids = new Set(added.values());
    for (const content of added.keys()) {
      for (const text of [
        content,
        `a${content}b`,
        ` ${content} `,
        `\n${content}\n`,
        content.repeat(3),
        `<${content}>`,
      ]) {
        const encoded = tokenizer.encode(text, { allowSpecial: false });
        expect(encoded.filter((id) => ids.has(id))).toEqual([]);
        expect(tokenizer.decode(encoded)).toBe(text);
        expect(tokenizer.encode(text, { allowSpecial: true })).toContain(added.get(content));
      }
    }
  });

  test("also when merges lead to it", () => {
    change("qwen2.5", (json) => addToken(json, "Ġthe", Number(json.model.vocab.Ġthe)));
    const tokenizer = loadTokenizer(folder);
    const ids = tokenizer.encode("in the end", { allowSpecial: false });
    expect(ids).not.toContain(tokenizer.idOf("Ġthe"));
    expect(tokenizer.decode(ids)).toBe("in the end");
    expect(loadTokenizer(golden("qwen2.5")).encode("in the end", { allowSpecial: false })).toContain(
      tokenizer.idOf("Ġthe"),
    );
  });

  test("also when a whole piece is looked up", () => {
    change("llama3", (json) => addToken(json, "Ġcurriculum", Number(json.model.vocab.Ġcurriculum)));
    const tokenizer = loadTokenizer(folder);
    const ids = tokenizer.encode("a curriculum", { allowSpecial: false });
    expect(ids).not.toContain(tokenizer.idOf("Ġcurriculum"));
    expect(tokenizer.decode(ids)).toBe("a curriculum");
  });

  test("also when an added token is not in the vocabulary but whole pieces are looked up", () => {
    change("llama3", (json) => addToken(json, "hello", 820));
    const tokenizer = loadTokenizer(folder);
    expect(tokenizer.encode("hello", { allowSpecial: true })).toEqual([820]);
    const ids = tokenizer.encode("hello", { allowSpecial: false });
    expect(ids).not.toContain(820);
    expect(tokenizer.decode(ids)).toBe("hello");
  });

  test("and where no other spelling exists, it is refused", () => {
    change("qwen2.5", (json) => addToken(json, "z", Number(json.model.vocab.z)));
    const tokenizer = loadTokenizer(folder);
    expect(tokenizer.decode(tokenizer.encode("abc", { allowSpecial: false }))).toBe("abc");
    expect(() => tokenizer.encode("xyz", { allowSpecial: false })).toThrow(ModelFileError);
    expect(() => tokenizer.encode("xyz", { allowSpecial: false })).toThrow(/can't spell "xyz" without an added token/);
  });
});

describe("files that can't be used exactly are refused", () => {
  test.each<[string, RegExp, (json: Json) => void]>([
    [
      "another model",
      /model.type must be "BPE", got "WordPiece"/,
      (json) => {
        json.model.type = "WordPiece";
      },
    ],
    [
      "no vocabulary",
      /expected a model with vocab and merges/,
      (json) => {
        Object.assign(json, { model: {} });
      },
    ],
    [
      "an added token at odds with the vocabulary",
      /a has id 5000 as added token, \d+ in model.vocab/,
      (json) => {
        addToken(json, "a", 5000);
      },
    ],
    [
      "an added token without an id",
      /an added token needs content and an integer id/,
      (json) => {
        addToken(json, "<x>", Number.NaN);
      },
    ],
    [
      "single_word",
      /<x> has single_word, which is not implemented/,
      (json) => {
        addToken(json, "<x>", 5000, { single_word: true });
      },
    ],
    [
      "another decoder",
      /decoder must be ByteLevel, or .*, got Metaspace/,
      (json) => {
        json.decoder = { type: "Metaspace" };
      },
    ],
    [
      "no decoder",
      /decoder must be ByteLevel, or .*, got none/,
      (json) => {
        json.decoder = null;
      },
    ],
    [
      "a pre-tokenizer that the library lacks",
      /no tokenizer can be made of it: .*Nonsense/,
      (json) => {
        Object.assign(json, { pre_tokenizer: { type: "Nonsense" } });
      },
    ],
    [
      "a role for an absent token",
      /eos_token is <\|im_end\|>, which tokenizer.json lacks/,
      (json) => {
        json.added_tokens = json.added_tokens.filter(({ content }) => content !== "<|im_end|>");
      },
    ],
  ])("%s", (_, message, edit) => {
    change("qwen2.5", edit);
    expect(() => loadTokenizer(folder)).toThrow(ModelFileError);
    expect(() => loadTokenizer(folder)).toThrow(message);
  });

  test("a folder without tokenizer.json, and one that is not JSON", () => {
    expect(() => loadTokenizer(folder)).toThrow(/there is no tokenizer.json/);
    writeFileSync(join(folder, "tokenizer.json"), "{");
    expect(() => loadTokenizer(folder)).toThrow(/tokenizer.json: not JSON/);
    writeFileSync(join(folder, "tokenizer.json"), "[]");
    expect(() => loadTokenizer(folder)).toThrow(/expected an object, got \[\]/);
  });
});
