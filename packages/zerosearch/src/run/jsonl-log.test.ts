import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { JsonlLog, readLines } from "./jsonl-log.ts";
import { MetricsLog, readMetrics } from "./metrics-log.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-log-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function all<T>(lines: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const line of lines) read.push(line);
  return read;
}

test("lines after the remembered size are forgotten, torn ones too", () => {
  const path = join(folder, "log.jsonl");
  using log = new JsonlLog(path, 0);
  log.append("one ö");
  const size = log.sizeBytes;
  log.append("two");
  appendFileSync(path, "thr");
  using resumed = new JsonlLog(path, size);
  resumed.append("2");
  resumed.sync();
  expect(readFileSync(path, "utf8")).toBe("one ö\n2\n");
  expect(resumed.sizeBytes).toBe(9);
});

test("a log that is shorter than remembered is refused", () => {
  const path = join(folder, "log.jsonl");
  writeFileSync(path, "abc\n");
  expect(() => new JsonlLog(path, 10)).toThrow(/log\.jsonl has 4 bytes, but the checkpoint was saved when it had 10/);
});

test("a torn last line is left out, a damaged line in between is an error that names it", async () => {
  const path = join(folder, "log.jsonl");
  writeFileSync(path, '{"a":1}\n{"a":2}\n{"a":');
  expect(await all(readLines(path, (line) => JSON.parse(line)))).toEqual([{ a: 1 }, { a: 2 }]);
  writeFileSync(path, '{"a":1}\n{"a":\n{"a":3}\n');
  await expect(all(readLines(path, (line) => JSON.parse(line)))).rejects.toThrow(/log\.jsonl:2: this line is damaged/);
});

test("characters that lie across the pieces a file is read in are whole", async () => {
  const path = join(folder, "log.jsonl");
  const text = "€".repeat(100_000);
  writeFileSync(path, `a${text}\n`);
  expect(await all(readLines(path, (line) => line))).toEqual([`a${text}`]);
});

test("metrics that are no finite numbers come back as they were", async () => {
  const path = join(folder, "metrics.jsonl");
  using log = new MetricsLog(path, 0);
  const metrics = { a: Number.NaN, b: Number.NEGATIVE_INFINITY, c: -0, d: 0.1 };
  log.write({ step: 1, time: 5, metrics });
  expect(await all(readMetrics(path))).toEqual([{ step: 1, time: 5, metrics }]);
});

test.skipIf(!existsSync("/dev/full"))("on a full disk the error says so", () => {
  using log = new JsonlLog("/dev/full", 0);
  expect(() => log.append("x")).toThrow(/can't append to \/dev\/full: the disk is full: free some space/);
});
