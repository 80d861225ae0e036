import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readRecords } from "./records.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-records-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const user = (content: string) => ({ role: "user", content });

test("our own rows, as JSON lines", async () => {
  const path = file(
    "r.jsonl",
    '{"prompt":"p","completion":"c","label":"noisy","weight":0.5}\n\n{"prompt":[{"role":"system","content":"s"},{"role":"user","content":"u"}],"completion":"d"}\n',
  );
  expect(await readRecords(path)).toEqual([
    { prompt: [user("p")], completion: "c", label: "noisy", weight: 0.5, row: 1 },
    { prompt: [{ role: "system", content: "s" }, user("u")], completion: "d", weight: 1, row: 3 },
  ]);
});

test("Alpaca's rows: the input follows the instruction on a line of its own", async () => {
  const rows = [
    { instruction: "Add", input: "1 2", output: "3", system: "Be brief" },
    { instruction: "Hi", input: "", output: "Ho" },
  ];
  expect(await readRecords(file("r.json", JSON.stringify(rows)))).toEqual([
    { prompt: [{ role: "system", content: "Be brief" }, user("Add\n1 2")], completion: "3", weight: 1, row: 1 },
    { prompt: [user("Hi")], completion: "Ho", weight: 1, row: 2 },
  ]);
});

test("ShareGPT's rows: each turn of the assistant is a record with all before it as prompt", async () => {
  const rows = [
    {
      conversations: [
        { from: "human", value: "a" },
        { from: "gpt", value: "b" },
        { from: "human", value: "c" },
        { from: "gpt", value: "d" },
      ],
    },
    { messages: [{ role: "system", content: "s" }, user("e"), { role: "assistant", content: "f" }], label: "useful" },
  ];
  expect(await readRecords(file("r.json", JSON.stringify(rows)))).toEqual([
    { prompt: [user("a")], completion: "b", weight: 1, row: 1 },
    { prompt: [user("a"), { role: "assistant", content: "b" }, user("c")], completion: "d", weight: 1, row: 1 },
    { prompt: [{ role: "system", content: "s" }, user("e")], completion: "f", weight: 1, label: "useful", row: 2 },
  ]);
});

test("Parquet, with nulls where fields are missing", async () => {
  const columns = [
    { name: "prompt", data: ["p", "q"] },
    { name: "completion", data: ["c", "d"] },
    { name: "label", data: ["useful", null], type: "STRING" as const },
  ];
  const path = file("r.parquet", new Uint8Array(parquetWriteBuffer({ columnData: columns })));
  expect(await readRecords(path)).toEqual([
    { prompt: [user("p")], completion: "c", label: "useful", weight: 1, row: 1 },
    { prompt: [user("q")], completion: "d", weight: 1, row: 2 },
  ]);
});

const WRONG: [name: string, content: string, message: RegExp][] = [
  ["r.jsonl", '{"prompt":"p","completion":"c"}\n{"prompt":5,"completion":"c"}', /r\.jsonl, row 2: .*prompt/],
  ["r.jsonl", '{"prompt":"p","completion":"c"}\n{"prompt"', /r\.jsonl:2 is no JSON/],
  ["r.jsonl", '{"prompt":"p","completion":""}', /row 1: the completion is empty/],
  ["r.jsonl", '{"prompt":"p","completion":"c","label":"good"}', /row 1: .*label/],
  ["r.jsonl", '{"prompt":"p","completion":"c","weight":0}', /row 1: .*weight/],
  ["r.jsonl", '{"prompt":[{"role":"assistant","content":"a"}],"completion":"c"}', /must not end with the assistant/],
  [
    "r.jsonl",
    '{"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}',
    /row 1: user and assistant must speak in turn.*got user, user/,
  ],
  ["r.jsonl", '{"conversations":[{"from":"human","value":"a"},{"from":"bing","value":"b"}]}', /row 1: .*from/],
  ["r.jsonl", '{"text":"x"}', /the first has text/],
  ["r.jsonl", "", /has no rows/],
  ["r.json", '{"prompt":"p"}', /must hold an array/],
  ["r.csv", "", /must end with \.json, \.jsonl or \.parquet/],
  ["r.parquet", "PAR1", /r\.parquet can't be read/],
];

test.each(WRONG)("what is no record is an error with its place: %s %s", async (name, content, message) => {
  await expect(readRecords(file(name, content))).rejects.toThrow(message);
});

test("a file that is not there is an error with its path", async () => {
  await expect(readRecords(join(folder, "no.jsonl"))).rejects.toThrow(/no\.jsonl can't be read/);
});
