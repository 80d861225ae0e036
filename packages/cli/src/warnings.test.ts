import { expect, test } from "vitest";
import { warningsFor } from "./warnings.ts";

const openblas = { kind: "openblas", path: "/usr/lib/openblas/libblas.so.3" } as const;

test("a fast machine gets no warning", () => {
  expect(warningsFor(openblas, { used: 4, available: 4 }, 200)).toEqual([]);
});

test("each slow thing gets one warning with its remedy", () => {
  const reference = { kind: "reference", path: "/usr/lib/blas/libblas.so.3" } as const;
  expect(warningsFor(reference, { used: 4, available: 4 }, 3)).toEqual([
    expect.stringContaining("apt-get install -y libopenblas0-pthread"),
  ]);
  expect(warningsFor(openblas, { used: 1, available: 4 }, 60)).toEqual([
    expect.stringContaining("libtorch uses 1 of 4 cores"),
  ]);
  expect(warningsFor(openblas, { used: 4, available: 4 }, 20)).toEqual([
    expect.stringContaining("20.0 GFLOP/s is little for 4 threads"),
  ]);
});
