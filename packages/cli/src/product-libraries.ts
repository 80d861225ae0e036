import type { Libtorch } from "@zerosearch/torch";
import type { Blas } from "./blas.ts";

/** What computes matrix products on the CPU, by the type of their numbers. */
export interface ProductLibraries {
  readonly float32: string;
  readonly float64: string;
  readonly bfloat16: string;
}

const BLAS_NAMES: Readonly<Record<Blas["kind"], string>> = {
  openblas: "OpenBLAS",
  mkl: "MKL",
  accelerated: "an accelerated BLAS",
  reference: "the reference BLAS",
  unknown: "an unknown BLAS",
};

/** Such as "OpenBLAS", or "MKL inside libtorch". */
export function blasName({ kind, path }: Blas): string {
  return path === "" ? `${BLAS_NAMES[kind]} inside libtorch` : BLAS_NAMES[kind];
}

/** @param processor  what Linux says of it, the text of /proc/cpuinfo */
export function productLibraries(
  { productInstructions, configuration }: Pick<Libtorch, "productInstructions" | "configuration">,
  blas: Blas,
  processor: string,
): ProductLibraries {
  // libtorch gives bfloat16 to oneDNN, which it calls by its old name, where the processor has these instructions.
  const hasOneDnn = configuration.includes("MKL-DNN v") && /\bavx512bw\b/.test(processor);
  return {
    float32: `the addon's own (${productInstructions})`,
    float64: blasName(blas),
    bfloat16: hasOneDnn ? "oneDNN inside libtorch" : "libtorch",
  };
}
