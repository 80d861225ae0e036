import { expect, test } from "vitest";
import { blasName, productLibraries } from "./product-libraries.ts";

const openblas = { kind: "openblas", path: "/usr/lib/openblas-pthread/libblas.so.3" } as const;
const configuration = "PyTorch built with:\n  - Intel(R) MKL-DNN v2.6.3 (Git Hash N/A)\n";

test("float32 is the addon's, float64 the BLAS's, bfloat16 oneDNN's", () => {
  const build = { productInstructions: "avx512", configuration };
  expect(productLibraries(build, openblas, "flags : fpu avx512f avx512bw avx512vl")).toEqual({
    float32: "the addon's own (avx512)",
    float64: "OpenBLAS",
    bfloat16: "oneDNN inside libtorch",
  });
});

test("oneDNN is not named where the processor or the build lacks what it needs", () => {
  const build = { productInstructions: "avx2", configuration };
  expect(productLibraries(build, openblas, "flags : fpu avx2 fma").bfloat16).toBe("libtorch");
  const without = { productInstructions: "avx512", configuration: "PyTorch built with:\n  - GCC 12.2\n" };
  expect(productLibraries(without, openblas, "flags : avx512bw").bfloat16).toBe("libtorch");
});

test("a BLAS without a file of its own is said to be inside libtorch", () => {
  expect(blasName({ kind: "mkl", path: "" })).toBe("MKL inside libtorch");
  expect(blasName({ kind: "mkl", path: "/opt/intel/libmkl_rt.so.2" })).toBe("MKL");
});
