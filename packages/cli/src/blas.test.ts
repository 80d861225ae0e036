import { expect, test } from "vitest";
import { blasOf } from "./blas.ts";

const kindOf = (blasLibrary: string, configuration = "") => blasOf({ blasLibrary, configuration }).kind;

test("a BLAS is told from the file behind its links", () => {
  const folder = "/usr/lib/x86_64-linux-gnu";
  expect(kindOf(`${folder}/openblas-pthread/libblas.so.3`)).toBe("openblas");
  expect(kindOf(`${folder}/blas/libblas.so.3.11.0`)).toBe("reference");
  expect(kindOf(`${folder}/blis-openmp/libblas.so.4`)).toBe("accelerated");
  expect(kindOf("/opt/intel/libmkl_rt.so.2")).toBe("mkl");
});

test("a BLAS inside libtorch is told from libtorch's own account", () => {
  expect(kindOf("", "Build settings: BLAS_INFO=mkl, BUILD_TYPE=Release")).toBe("mkl");
  expect(kindOf("", "Build settings: BUILD_TYPE=Release")).toBe("unknown");
});
