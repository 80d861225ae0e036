import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arange, fromTypedArray, liveTensorCount, ones, tidy, zeros } from "@zerosearch/torch";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { RequestError } from "../errors.ts";
import { openSafetensors } from "./safetensors-file.ts";
import { writeSafetensors } from "./write-safetensors.ts";

const folder = mkdtempSync(join(tmpdir(), "zerosearch-write-"));
const path = join(folder, "w.safetensors");
afterAll(() => rmSync(folder, { recursive: true }));

let before = 0;
beforeEach(() => {
  before = liveTensorCount();
});
afterEach(() => expect(liveTensorCount()).toBe(before));

test("the header is padded to eight bytes, and wide elements come first so that all are aligned", () => {
  tidy(() => {
    writeSafetensors(path, [
      ["byte", ones([3], { dtype: "uint8" })],
      ["double", ones([1], { dtype: "float64" })],
      ["half", ones([1], { dtype: "bfloat16" })],
    ]);
  });
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  expect(length % 8).toBe(0);
  expect(bytes.length).toBe(8 + length + 13);
  expect(JSON.parse(bytes.toString("utf8", 8, 8 + length))).toEqual({
    __metadata__: { format: "pt" },
    double: { dtype: "F64", shape: [1], data_offsets: [0, 8] },
    half: { dtype: "BF16", shape: [1], data_offsets: [8, 10] },
    byte: { dtype: "U8", shape: [3], data_offsets: [10, 13] },
  });
});

test("the same tensors give the same bytes, whatever their order", () => {
  tidy(() => {
    const [a, b] = [arange(0, 4), zeros([2, 2])];
    writeSafetensors(path, [
      ["a", a],
      ["b", b],
    ]);
    const first = readFileSync(path);
    writeSafetensors(path, [
      ["b", b],
      ["a", a],
    ]);
    expect(readFileSync(path)).toEqual(first);
  });
});

test("a tensor of more than one chunk is written whole", () => {
  tidy(() => {
    const count = 17 * 1024 * 1024;
    const values = arange(0, count, 1, { dtype: "int32" });
    writeSafetensors(path, [["v", values]]);
    using file = openSafetensors(path);
    expect(file.read("v").equal(values)).toBe(true);
  });
});

test("a tensor that requires a gradient is written", () => {
  tidy(() => {
    writeSafetensors(path, [["w", ones([2]).requireGrad()]], { step: "7" });
    using file = openSafetensors(path);
    expect(file.metadata).toEqual({ format: "pt", step: "7" });
    expect(file.read("w").toArray()).toEqual([1, 1]);
  });
});

test("a failed write leaves the old file and nothing else", () => {
  tidy(() => writeSafetensors(path, [["w", ones([2])]]));
  const old = readFileSync(path);
  const freed = fromTypedArray(Float32Array.of(1), [1]);
  const alive = freed.clone();
  const broken = function* (): Generator<readonly [string, typeof alive]> {
    yield ["w", alive];
    throw new Error("no more");
  };
  expect(() => writeSafetensors(path, broken())).toThrow("no more");
  expect(() =>
    writeSafetensors(path, [
      ["w", alive],
      ["w", alive],
    ]),
  ).toThrow(RequestError);
  expect(() => writeSafetensors(path, [["__metadata__", alive]])).toThrow(/which the format reserves/);
  freed.dispose();
  expect(() => writeSafetensors(path, [["w", freed]])).toThrow(/freed/);
  alive.dispose();
  expect(readFileSync(path)).toEqual(old);
  expect(readdirSync(folder)).toEqual(["w.safetensors"]);
});

test("a file may be replaced while tensors of the old one are in use", () => {
  tidy(() => {
    writeSafetensors(path, [["w", ones([4])]]);
    using file = openSafetensors(path);
    const old = file.read("w");
    writeSafetensors(path, [["w", old.mul(3)]]);
    expect(old.toArray()).toEqual([1, 1, 1, 1]);
    using replaced = openSafetensors(path);
    expect(replaced.read("w").toArray()).toEqual([3, 3, 3, 3]);
  });
});
