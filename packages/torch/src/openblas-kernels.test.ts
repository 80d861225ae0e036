import { expect, test } from "vitest";
import { chooseOpenblasKernels } from "./openblas-kernels.ts";

test("processors with AVX get the kernels that repeat to the bit", () => {
  const environment: NodeJS.ProcessEnv = {};
  chooseOpenblasKernels(environment, new Set(["sse2", "avx", "avx2", "avx512f"]));
  expect(environment).toEqual({ OPENBLAS_CORETYPE: "Sandybridge" });
});

test("a choice that was made is kept, and older processors are left to OpenBLAS", () => {
  const chosen: NodeJS.ProcessEnv = { OPENBLAS_CORETYPE: "Zen" };
  chooseOpenblasKernels(chosen, new Set(["avx"]));
  expect(chosen).toEqual({ OPENBLAS_CORETYPE: "Zen" });
  const old: NodeJS.ProcessEnv = {};
  chooseOpenblasKernels(old, new Set(["sse2"]));
  expect(old).toEqual({});
});
