import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backward, type Dtype, fromTypedArray, liveTensorCount, noGrad, ones, tidy } from "@zerosearch/torch";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { ModelFileError } from "../errors.ts";
import { openSafetensors } from "./safetensors-file.ts";
import { writeSafetensors } from "./write-safetensors.ts";

const folder = mkdtempSync(join(tmpdir(), "zerosearch-safetensors-"));
const path = join(folder, "case.safetensors");
afterAll(() => rmSync(folder, { recursive: true }));

let before = 0;
beforeEach(() => {
  before = liveTensorCount();
});
afterEach(() => expect(liveTensorCount()).toBe(before));

/** A file of a length, a header and data, each as given. */
function writeCase(header: string | Uint8Array, dataBytes = 0, length?: bigint): void {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  file.set(json, 8);
  writeFileSync(path, file);
}

const entry = (dtype: string, shape: readonly unknown[], offsets: readonly unknown[]) => ({
  dtype,
  shape,
  data_offsets: offsets,
});

describe("malformed files are refused, and the message says what was seen and expected", () => {
  const header = (tensors: Record<string, unknown>) => JSON.stringify(tensors);
  const f32 = entry("F32", [1], [0, 4]);
  const cases: readonly [string, RegExp, () => void][] = [
    ["empty", /the file has 0 bytes, expected at least the 8/, () => writeFileSync(path, "")],
    ["seven bytes", /the file has 7 bytes, expected at least the 8/, () => writeFileSync(path, "1234567")],
    ["a header above the limit", /100000001 bytes, the format allows 100000000/, () => writeCase("{}", 0, 100000001n)],
    ["a huge length", /18446744073709551615 bytes, the format/, () => writeCase("{}", 0, 2n ** 64n - 1n)],
    ["a header beyond the file", /needs 8 \+ 60 bytes, the file has 10/, () => writeCase("{}", 0, 60n)],
    ["no header", /must start with "\{", it is empty/, () => writeCase("")],
    ["a header that starts with a space", /must start with "\{", its first byte is 0x20/, () => writeCase(" {}")],
    ["an array", /must start with "\{"/, () => writeCase("[]")],
    ["a byte order mark", /must start with "\{", its first byte is 0xef/, () => writeCase("\ufeff{}")],
    ["not UTF-8", /the header is not UTF-8/, () => writeCase(Uint8Array.of(0x7b, 0xff, 0xfe, 0x7d))],
    ["not JSON", /the header is not JSON/, () => writeCase("{]")],
    ["two objects", /the header is not JSON/, () => writeCase("{}{}")],
    ["zeros after the object", /the header is not JSON/, () => writeCase("{}\0\0")],
    [
      "a name twice",
      /has the name "a" twice/,
      () => writeCase(`{"a":${JSON.stringify(f32)},"\\u0061":${JSON.stringify(f32)}}`, 4),
    ],
    [
      "a field twice",
      /has the name "dtype" twice/,
      () => writeCase('{"a":{"dtype":"F32","dtype":"I32","shape":[1],"data_offsets":[0,4]}}', 4),
    ],
    ["metadata twice", /has the name "__metadata__" twice/, () => writeCase('{"__metadata__":{},"__metadata__":{}}')],
    [
      "overlap",
      /"b" starts at byte 2, it overlaps tensor "a", which ends at 4/,
      () => writeCase(header({ a: f32, b: entry("F32", [1], [2, 6]) }), 6),
    ],
    ["all tensors in one place", /"b" starts at byte 0, it overlaps/, () => writeCase(header({ a: f32, b: f32 }), 4)],
    [
      "a hole between",
      /"b" starts at byte 8, it leaves a hole after tensor "a", which ends at 4/,
      () => writeCase(header({ a: f32, b: entry("F32", [1], [8, 12]) }), 12),
    ],
    [
      "a hole at the start",
      /"a" starts at byte 4, it leaves a hole after the header/,
      () => writeCase(header({ a: entry("F32", [1], [4, 8]) }), 8),
    ],
    [
      "an empty tensor in the void",
      /"b" starts at byte 9, it leaves a hole/,
      () => writeCase(header({ a: f32, b: entry("F32", [0], [9, 9]) }), 4),
    ],
    ["truncated data", /ends at byte 4 of the data, the file holds 3/, () => writeCase(header({ a: f32 }), 3)],
    ["trailing bytes", /1 trailing bytes after tensor "a", which ends at 4/, () => writeCase(header({ a: f32 }), 5)],
    ["data without tensors", /7 trailing bytes after the header/, () => writeCase("{}", 7)],
    [
      "offsets out of range",
      /ends at byte 4000 of the data, the file holds 4/,
      () => writeCase(header({ a: entry("F32", [1000], [0, 4000]) }), 4),
    ],
    [
      "reversed offsets",
      /\[4, 0\] end before they start/,
      () => writeCase(header({ a: entry("F32", [1], [4, 0]) }), 4),
    ],
    ...[[0.5, 4.5], [-4, 0], [0, 2 ** 60], ["0", "4"], [0], [0, 4, 8], [null, 4]].map(
      (offsets): [string, RegExp, () => void] => [
        `offsets ${JSON.stringify(offsets)}`,
        /tensor "a": data_offsets must be two integers ≥ 0, got/,
        () => writeCase(header({ a: entry("F32", [1], offsets) }), 4),
      ],
    ),
    ...[[1.5], [-1], ["1"], [null], [2 ** 64]].map((shape): [string, RegExp, () => void] => [
      `shape ${JSON.stringify(shape)}`,
      /tensor "a": shape must be integers ≥ 0, got/,
      () => writeCase(header({ a: entry("F32", shape, [0, 4]) }), 4),
    ]),
    [
      "no shape",
      /shape must be integers ≥ 0, got undefined/,
      () => writeCase('{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4),
    ],
    [
      "a size that differs from the shape's",
      /\[0, 4\] hold 4 bytes, F32 of shape \[2, 3\] needs 24/,
      () => writeCase(header({ a: entry("F32", [2, 3], [0, 4]) }), 4),
    ],
    [
      "a shape that overflows",
      /shape \[4294967296, 4294967296\] overflows/,
      () => writeCase(header({ a: entry("F32", [2 ** 32, 2 ** 32], [0, 4]) }), 4),
    ],
    [
      "a shape that overflows before a zero",
      /overflows/,
      () => writeCase(header({ a: entry("F32", [2 ** 32, 2 ** 32, 0], [0, 0]) })),
    ],
    [
      "an unknown dtype",
      /"a": dtype "F33" is not one of the format, expected one of F64, F32/,
      () => writeCase(header({ a: entry("F33", [1], [0, 4]) }), 4),
    ],
    [
      "a dtype that is no string",
      /dtype 7 is not one/,
      () => writeCase('{"a":{"dtype":7,"shape":[],"data_offsets":[0,4]}}', 4),
    ],
    ...["F8_E4M3", "F8_E5M2", "F8_E8M0", "F4", "U16", "U32", "U64", "C64"].map(
      (dtype): [string, RegExp, () => void] => [
        `dtype ${dtype}`,
        new RegExp(`tensor "layer.0": dtype "${dtype}" can't be read here, expected one of`),
        () => writeCase(header({ "layer.0": entry(dtype, [1], [0, 4]) }), 4),
      ],
    ),
    ["a tensor that is no object", /tensor "a": expected an object, got 5/, () => writeCase('{"a":5}')],
    [
      "metadata that is no object",
      /__metadata__ must be an object of strings, got \["x"\]/,
      () => writeCase('{"__metadata__":["x"]}'),
    ],
    ["metadata of numbers", /__metadata__."n" must be a string, got 1/, () => writeCase('{"__metadata__":{"n":1}}')],
  ];
  test.each(cases)("%s", (_, message, prepare) => {
    prepare();
    expect(() => openSafetensors(path)).toThrow(ModelFileError);
    expect(() => openSafetensors(path)).toThrow(message);
    expect(() => openSafetensors(path)).toThrow(path);
  });
});

test("a missing file and a folder are refused", () => {
  expect(() => openSafetensors(join(folder, "absent"))).toThrow(/there is no such file/);
  expect(() => openSafetensors(folder)).toThrow(/no regular file/);
});

test("whatever happens to the bytes of a header, the file opens or is refused with its own error", () => {
  using whole = ones([3, 2]);
  using part = ones([4], { dtype: "int64" });
  writeSafetensors(
    path,
    [
      ["a", whole],
      ["b", part],
    ],
    { note: "x" },
  );
  const bytes = readFileSync(path);
  let state = 1;
  const random = (limit: number) => {
    state = (state * 48271) % 2147483647;
    return state % limit;
  };
  let refused = 0;
  for (let round = 0; round < 1500; round++) {
    const damaged = Uint8Array.from(bytes);
    for (let i = 0; i <= random(3); i++) damaged[random(bytes.length - 56)] = random(256);
    writeFileSync(path, random(4) === 0 ? damaged.subarray(0, random(bytes.length)) : damaged);
    try {
      openSafetensors(path).dispose();
    } catch (error) {
      expect(error).toBeInstanceOf(ModelFileError);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(1000);
});

test("spaces after the header's object are padding, and metadata is read", () => {
  writeCase('{"__metadata__":{"format":"pt","ü":"é"}}   ');
  using file = openSafetensors(path);
  expect(file.metadata).toEqual({ format: "pt", ü: "é" });
  expect([...file.tensors]).toEqual([]);
});

test("a name may be any string, also one with a meaning in JavaScript", () => {
  writeCase(
    '{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"":{"dtype":"U8","shape":[],"data_offsets":[1,2]}}',
    2,
  );
  using file = openSafetensors(path);
  expect([...file.tensors.keys()].sort()).toEqual(["", "__proto__"]);
});

describe("every dtype comes back with its bits", () => {
  const dtypes: readonly Dtype[] = [
    "float32",
    "float64",
    "float16",
    "bfloat16",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "bool",
  ];
  test.each(dtypes)("%s", (dtype) => {
    tidy(() => {
      const values = dtype === "bool" ? [0, 1, 1, 0, 0, 1] : [0, 1, 2, 100, 33, 7];
      const matrix = fromTypedArray(Float64Array.from(values), [2, 3]).to(dtype);
      const transposed = matrix.transpose(0, 1);
      const single = matrix.at(1, 0);
      writeSafetensors(path, [
        ["matrix", matrix],
        ["transposed", transposed],
        ["single", single],
        ["nothing", matrix.narrow(1, 0, 0)],
      ]);
      using file = openSafetensors(path);
      for (const [name, tensor] of Object.entries({ matrix, transposed, single })) {
        const read = file.read(name);
        expect([read.dtype, read.shape, read.toArray()]).toEqual([dtype, tensor.shape, tensor.toArray()]);
      }
      expect([file.read("nothing").dtype, file.read("nothing").shape]).toEqual([dtype, [2, 0]]);
    });
  });
});

test("an unaligned tensor is copied, an aligned one shares the map; both outlive the file object", () => {
  const header = JSON.stringify({
    a: entry("U8", [1], [0, 1]),
    b: entry("F32", [2], [1, 9]),
    c: entry("U8", [7], [9, 16]),
  });
  const json = header.padEnd(Math.ceil(header.length / 8) * 8);
  writeCase(json, 16);
  const bytes = readFileSync(path);
  bytes.writeFloatLE(1.5, 8 + json.length + 1);
  bytes.writeFloatLE(-2.5, 8 + json.length + 5);
  writeFileSync(path, bytes);
  tidy(() => {
    const file = openSafetensors(path);
    const [b, c, again] = [file.read("b"), file.read("c"), file.read("c")];
    c.fill_(9);
    file.dispose();
    expect(b.toArray()).toEqual([1.5, -2.5]);
    expect(again.toArray()).toEqual([9, 9, 9, 9, 9, 9, 9]);
    expect(readFileSync(path)).toEqual(bytes);
    expect(() => file.read("b")).toThrow(/has been freed/);
  });
});

test("a tensor of a file can be trained: it is a leaf, and is updated in place", () => {
  using initial = ones([3]);
  writeSafetensors(path, [["w", initial]]);
  tidy(() => {
    using file = openSafetensors(path);
    const w = file.read("w").requireGrad();
    const loss = w.mul(w).sum();
    backward(loss);
    expect(w.isLeaf).toBe(true);
    expect(w.grad()?.toArray()).toEqual([2, 2, 2]);
    w.setGrad(null);
    noGrad(() => w.sub_(0.5));
    expect(w.toArray()).toEqual([0.5, 0.5, 0.5]);
  });
});

test("an unknown name is refused", () => {
  writeCase("{}");
  using file = openSafetensors(path);
  expect(() => file.read("w")).toThrow(/there is no tensor "w" among its 0/);
});
