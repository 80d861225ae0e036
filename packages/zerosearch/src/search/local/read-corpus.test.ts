import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, describe, expect, test } from "vitest";
import { ConfigError, DataError } from "../../core/errors.ts";
import type { Passage } from "./passage.ts";
import { type CorpusOptions, readCorpus } from "./read-corpus.ts";

const folder = mkdtempSync(join(tmpdir(), "zerosearch-corpus-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function read(name: string, content: string | Uint8Array, options?: CorpusOptions): Promise<Passage[]> {
  const path = join(folder, name);
  writeFileSync(path, content);
  const passages: Passage[] = [];
  for await (const passage of readCorpus(path, options)) passages.push(passage);
  return passages;
}

/** A row as wiki-18 has it, with a line separator that JSON leaves bare and a title with quotation marks in it. */
const wiki = [
  '{"id": "0", "contents": "\\"Aaron\\"\\nAaron is a prophet\u2028and a priest."}',
  "",
  '{"id": 1, "contents": "\\"\\"Heroes\\" (song)\\"\\nA song."}\r',
  '{"contents": "only text"}',
].join("\n");

describe("JSON lines", () => {
  const expected = [
    { id: "0", title: "Aaron", text: "Aaron is a prophet\u2028and a priest." },
    { id: "1", title: '"Heroes" (song)', text: "A song." },
    { id: "4", text: "only text" },
  ];

  test("wiki-18's contents are split into title and text", async () => {
    expect(await read("wiki.jsonl", wiki)).toEqual(expected);
  });

  test("a packed file and a byte order mark make no difference", async () => {
    expect(await read("wiki.jsonl.gz", gzipSync(`\uFEFF${wiki}`))).toEqual(expected);
  });

  test("id, title and text are taken as they are; what else a row holds is ignored", async () => {
    const rows = [
      { id: 7, title: "T", text: "one\ntwo", url: "x" },
      { id: "8", title: "", text: "three" },
    ];
    expect(await read("a.ndjson", rows.map((row) => JSON.stringify(row)).join("\n"))).toEqual([
      { id: "7", title: "T", text: "one\ntwo" },
      { id: "8", text: "three" },
    ]);
  });

  test.each([
    ["{]", /bad\.jsonl:3: .*JSON/],
    ['{"id": 1}', /bad\.jsonl:3: it has neither "text" nor "contents"/],
    ['{"text": 5}', /bad\.jsonl:3: .*expected string.*text/],
    ['{"text": " "}', /bad\.jsonl:3: its text is empty/],
    ['{"contents": "\\"Title\\"\\n"}', /bad\.jsonl:3: its text is empty/],
    ["[1]", /bad\.jsonl:3: .*expected object/],
  ])("%s is refused with its line", async (line, message) => {
    const call = read("bad.jsonl", `{"text": "fine"}\n\n${line}\n`);
    await expect(call).rejects.toThrow(DataError);
    await expect(call).rejects.toThrow(message);
  });

  test("bytes that are no UTF-8 are refused with their line", async () => {
    const bytes = Buffer.concat([Buffer.from('{"text": "fine"}\n{"text": "'), Buffer.of(0xff), Buffer.from('"}')]);
    await expect(read("latin.jsonl", bytes)).rejects.toThrow(/latin\.jsonl:2: the line is not UTF-8/);
  });

  test("lines longer than what is read at once come out whole", async () => {
    const texts = [1, 2_500_000, 3, 1_048_576].map((length, at) => `${at}é`.repeat(length));
    const rows = texts.map((text) => JSON.stringify({ text })).join("\n");
    expect((await read("long.jsonl", rows)).map(({ text }) => text)).toEqual(texts);
  });
});

describe("parquet", () => {
  const columns = (text: string) => [
    { name: "id", data: [10n, 11n, 12n], type: "INT64" as const },
    { name: "title", data: ["A", null, "C"], type: "STRING" as const },
    { name: text, data: ["one", "two", "three"], type: "STRING" as const },
    { name: "other", data: [1, 2, 3], type: "INT32" as const },
  ];

  test("rows are passages, whatever else the file holds", async () => {
    const buffer = parquetWriteBuffer({ columnData: columns("text") });
    expect(await read("a.parquet", new Uint8Array(buffer))).toEqual([
      { id: "10", title: "A", text: "one" },
      { id: "11", text: "two" },
      { id: "12", title: "C", text: "three" },
    ]);
  });

  test("more rows than are decoded at once keep their order", async () => {
    const data = Array.from({ length: 25_000 }, (_, at) => `text ${at}`);
    const buffer = parquetWriteBuffer({ columnData: [{ name: "text", data, type: "STRING" }], rowGroupSize: 7000 });
    const passages = await read("b.parquet", new Uint8Array(buffer));
    expect(passages.map(({ text }) => text)).toEqual(data);
    expect(passages.at(-1)?.id).toBe("25000");
  });

  test("missing columns, empty texts and damaged files are refused", async () => {
    const wrong = parquetWriteBuffer({ columnData: columns("body") });
    await expect(read("c.parquet", new Uint8Array(wrong))).rejects.toThrow(/columns id, title, body, other, expected/);
    const empty = parquetWriteBuffer({ columnData: [{ name: "text", data: ["x", ""], type: "STRING" }] });
    await expect(read("d.parquet", new Uint8Array(empty))).rejects.toThrow(/row 2: its text is empty/);
    await expect(read("e.parquet", "PAR1 nothing")).rejects.toThrow(DataError);
  });
});

describe("plain text", () => {
  const text = "First line.\n\n  Second\nThird\n\n\n\nFourth";

  test("a line is a passage, called by its number", async () => {
    expect(await read("a.txt", text)).toEqual([
      { id: "1", text: "First line." },
      { id: "3", text: "Second" },
      { id: "4", text: "Third" },
      { id: "8", text: "Fourth" },
    ]);
  });

  test("blank lines part paragraphs, called by their first line", async () => {
    expect(await read("a.txt", text, { textUnit: "paragraph" })).toEqual([
      { id: "1", text: "First line." },
      { id: "3", text: "Second\nThird" },
      { id: "8", text: "Fourth" },
    ]);
  });
});

test("a missing file, a packed file cut off and an unknown kind are refused by name", async () => {
  const missing = async () => {
    for await (const _ of readCorpus(join(folder, "missing.jsonl"))) throw new Error("found something");
  };
  await expect(missing()).rejects.toThrow(/missing\.jsonl can't be read: .*ENOENT/);
  await expect(read("cut.jsonl.gz", gzipSync(wiki).subarray(0, 60))).rejects.toThrow(/cut\.jsonl\.gz can't be read/);
  expect(() => readCorpus("corpus.csv")).toThrow(ConfigError);
});
