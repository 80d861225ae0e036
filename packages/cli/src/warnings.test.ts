import { expect, test } from "vitest";
import { type Facts, warningsFor } from "./warnings.ts";

const shape = { rows: 512, inputs: 1536, outputs: 576 };
const speed = (oneThread: number, allThreads: number) => ({
  float32: [{ ...shape, oneThread, allThreads, multiplyAdds: 100, share: oneThread / 100 }],
  bfloat16: { ...shape, oneThread: 20, allThreads: 40 },
});
const fast: Facts = {
  productInstructions: "avx2",
  architecture: "x64",
  blas: { kind: "openblas", path: "/usr/lib/openblas/libblas.so.3" },
  threads: { used: 4, available: 4 },
  speeds: speed(80, 300),
};

test("a fast machine gets no warning", () => {
  expect(warningsFor(fast)).toEqual([]);
});

test.each<[string, Partial<Facts>, string]>([
  [
    "the reference BLAS, which float64 uses,",
    { blas: { kind: "reference", path: "/usr/lib/blas/libblas.so.3" } },
    "Products of float64 use the reference BLAS (/usr/lib/blas/libblas.so.3)",
  ],
  ["x86-64 without AVX2", { productInstructions: "baseline" }, "Unset ATEN_CPU_CAPABILITY"],
  ["one core", { threads: { used: 1, available: 1 } }, "One CPU core is available"],
  ["a libtorch without threads", { threads: { used: 1, available: 4 } }, "libtorch uses 1 of 4 cores"],
  ["threads that do not help", { speeds: speed(80, 88) }, "Products on 4 threads are 1.1 times as fast as on one"],
  ["a small share", { speeds: speed(20, 80) }, "Products of float32 reach 20 % of one thread's multiply-adds"],
])("%s gets one warning", (_, changed, warning) => {
  expect(warningsFor({ ...fast, ...changed })).toEqual([expect.stringContaining(warning)]);
});

test("processors other than x86-64 have no AVX2 to miss", () => {
  expect(warningsFor({ ...fast, productInstructions: "baseline", architecture: "arm64" })).toEqual([]);
});
