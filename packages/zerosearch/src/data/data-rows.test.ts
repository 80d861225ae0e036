import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DataError } from "../core/errors.ts";
import { type DataRow, readDataRows } from "./data-rows.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "data-rows-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function rowsOf(name: string, content: string | Uint8Array): Promise<DataRow[]> {
  const path = join(folder, name);
  writeFileSync(path, content);
  const rows: DataRow[] = [];
  for await (const row of readDataRows(path)) rows.push(row);
  return rows;
}

test("JSON lines: line separators inside strings are no line ends, empty lines no rows, bad lines are named", async () => {
  const rows = await rowsOf("x.jsonl", '\ufeff{"a":"one\u2028two"}\r\n\n"three"\n{oops\n5');
  expect(rows).toEqual([
    { place: "line 1", value: { a: "one\u2028two" } },
    { place: "line 3", value: "three" },
    { place: "line 4", problem: expect.stringContaining("is no JSON") },
    { place: "line 5", value: 5 },
  ]);
});

test("JSON lines: letters that straddle the pieces in which a file is read stay whole", async () => {
  // Files are read in pieces of 65,536 bytes; the letters have three bytes, so that some piece ends within one.
  const text = "中".repeat(100_000);
  const rows = await rowsOf("x.jsonl", `${JSON.stringify(text)}\n${JSON.stringify(`${text}!`)}\n`);
  expect(rows).toEqual([
    { place: "line 1", value: text },
    { place: "line 2", value: `${text}!` },
  ]);
});

test("CSV: quoted commas, quotes and line ends; the header's names are the keys", async () => {
  const rows = await rowsOf(
    "x.csv",
    '\ufeffQuestion,Answer\r\n"Who, ""really""?","a\r\nb"\r\nWhen did "it" end?,1999\r\n',
  );
  expect(rows.map((row) => "value" in row && row.value)).toEqual([
    { Question: 'Who, "really"?', Answer: "a\r\nb" },
    { Question: 'When did "it" end?', Answer: "1999" },
  ]);
});

test.each([
  ["x.json", '{"rows": []}', /JSON array.*\.jsonl/],
  ["x.json", "[1,", /can't be read as json/],
  ["x.csv", "a,b\n1\n", /can't be read as csv/],
  ["x.parquet", "PAR", /can't be read as parquet/],
  ["x.tsv", "a\tb", /ends in \.parquet, \.jsonl, \.json, \.csv/],
  ["x.jsonl", Uint8Array.of(0x22, 0xff, 0x22), /can't be read as jsonl/],
])("%s holding %j is an error that names the file", async (name, content, message) => {
  const run = rowsOf(name, content);
  await expect(run).rejects.toThrow(DataError);
  await expect(run).rejects.toThrow(message);
  await expect(run).rejects.toThrow(join(folder, name));
});

test("a missing file and a folder are errors", async () => {
  mkdirSync(join(folder, "folder.jsonl"));
  for (const path of [join(folder, "none.jsonl"), join(folder, "folder.jsonl")]) {
    await expect(readDataRows(path).next()).rejects.toThrow(/there is no such file/);
  }
});
