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
const at = (row: number, name = "r.json", unit = "row") => `${join(folder, name)}, ${unit} ${row}`;

test("our own rows, as JSON lines", async () => {
  const path = file(
    "r.jsonl",
    '{"prompt":"p","completion":"c","label":"noisy","weight":0.5}\n\n{"prompt":[{"role":"system","content":"s"},{"role":"user","content":"u"}],"completion":"d"}\n',
  );
  expect(await readRecords(path)).toEqual([
    { prompt: [user("p")], completion: "c", label: "noisy", weight: 0.5, place: at(1, "r.jsonl", "line") },
    {
      prompt: [{ role: "system", content: "s" }, user("u")],
      completion: "d",
      weight: 1,
      place: at(3, "r.jsonl", "line"),
    },
  ]);
});

test("Alpaca's rows: the input follows the instruction on a line of its own", async () => {
  const rows = [
    { instruction: "Add", input: "1 2", output: "3", system: "Be brief" },
    { instruction: "Hi", input: "", output: "Ho" },
  ];
  expect(await readRecords(file("r.json", JSON.stringify(rows)))).toEqual([
    { prompt: [{ role: "system", content: "Be brief" }, user("Add\n1 2")], completion: "3", weight: 1, place: at(1) },
    { prompt: [user("Hi")], completion: "Ho", weight: 1, place: at(2) },
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
    { prompt: [user("a")], completion: "b", weight: 1, place: at(1) },
    { prompt: [user("a"), { role: "assistant", content: "b" }, user("c")], completion: "d", weight: 1, place: at(1) },
    {
      prompt: [{ role: "system", content: "s" }, user("e")],
      completion: "f",
      weight: 1,
      label: "useful",
      place: at(2),
    },
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
    { prompt: [user("p")], completion: "c", label: "useful", weight: 1, place: at(1, "r.parquet") },
    { prompt: [user("q")], completion: "d", weight: 1, place: at(2, "r.parquet") },
  ]);
});

test("Alpaca's history comes before, and its answers are learned too", async () => {
  const rows = [{ instruction: "c", input: null, output: "d", history: [["a", "b"]] }];
  const a = { prompt: [user("a")], completion: "b", weight: 1, place: at(1) };
  const prompt = [user("a"), { role: "assistant", content: "b" }, user("c")];
  expect(await readRecords(file("r.json", JSON.stringify(rows)))).toEqual([a, { ...a, prompt, completion: "d" }]);
});

test("CSV, with empty cells where fields are missing", async () => {
  const path = file("r.csv", 'instruction,input,output,label,weight\nAdd,"1, 2",3,useful,0.5\nHi,,Ho,,\n');
  expect(await readRecords(path)).toEqual([
    { prompt: [user("Add\n1, 2")], completion: "3", label: "useful", weight: 0.5, place: at(2, "r.csv", "line") },
    { prompt: [user("Hi")], completion: "Ho", weight: 1, place: at(3, "r.csv", "line") },
  ]);
});

test("what else a row holds is kept as metadata", async () => {
  const rows = [{ prompt: "p", completion: "c", query: "q", metadata: { judge: "yes" }, empty: null }];
  const [record] = await readRecords(file("r.json", JSON.stringify(rows)));
  expect(record?.metadata).toEqual({ query: "q", judge: "yes" });
});

const WRONG: [name: string, content: string, message: RegExp][] = [
  ["r.jsonl", '{"prompt":"p","completion":"c"}\n{"prompt":5,"completion":"c"}', /r\.jsonl, line 2: .*prompt/],
  ["r.jsonl", '{"prompt":"p","completion":"c"}\n{"prompt"', /r\.jsonl, line 2: is no JSON/],
  ["r.jsonl", '{"prompt":"p","completion":""}', /line 1: the completion is empty/],
  ["r.jsonl", '{"prompt":"p","completion":"c","label":"good"}', /line 1: .*label/],
  ["r.jsonl", '{"prompt":"p","completion":"c","weight":0}', /line 1: .*weight/],
  ["r.jsonl", '{"prompt":[{"role":"assistant","content":"a"}],"completion":"c"}', /must not end with the assistant/],
  [
    "r.jsonl",
    '{"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}',
    /line 1: user and assistant must speak in turn.*got user, user/,
  ],
  ["r.jsonl", '{"conversations":[{"from":"human","value":"a"},{"from":"bing","value":"b"}]}', /line 1: .*from/],
  ["r.jsonl", '{"text":"x"}', /the first has text/],
  ["r.jsonl", "", /has no rows/],
  ["r.json", '{"prompt":"p"}', /expected one JSON array/],
  ["r.txt", "", /ends in \.parquet, \.jsonl, \.json, \.csv/],
  ["r.parquet", "PAR1", /r\.parquet: can't be read as parquet/],
  ["r.jsonl", '{"prompt":1,"completion":"c"}\n{"prompt":2,"completion":"c"}', /line 1: .*and 1 more rows/],
];

test.each(WRONG)("what is no record is an error with its place: %s %s", async (name, content, message) => {
  await expect(readRecords(file(name, content))).rejects.toThrow(message);
});

test("a file that is not there is an error with its path", async () => {
  await expect(readRecords(join(folder, "no.jsonl"))).rejects.toThrow(/no\.jsonl: there is no such file/);
});
