import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { mapFile, tidy } from "./index.ts";

const folder = mkdtempSync(join(tmpdir(), "zerosearch-mapped-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a mapped file is seen as typed tensors, and writes stay in memory", () => {
  const path = join(folder, "numbers.bin");
  const bytes = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
  writeFileSync(path, bytes);
  tidy(() => {
    const mapped = mapFile(path);
    expect(mapped.shape).toEqual([16]);
    const numbers = mapped.narrow(0, 4, 12).viewDtype("float32");
    expect(numbers.toArray()).toEqual([2, 3, 4]);
    numbers.mul_(10);
    expect(mapped.viewDtype("float32").toArray()).toEqual([1, 20, 30, 40]);
  });
  expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
});

test("an empty file is an empty tensor, a missing one and a folder are errors", () => {
  const path = join(folder, "empty.bin");
  writeFileSync(path, "");
  tidy(() => expect(mapFile(path).shape).toEqual([0]));
  expect(() => mapFile(join(folder, "absent"))).toThrow(/is not there/);
  expect(() => mapFile(folder)).toThrow(/no regular file/);
});
