import type { Blas } from "./blas.ts";

/** Threads libtorch uses for one operator, and the cores this process may use. */
export interface Threads {
  readonly used: number;
  readonly available: number;
}

/** Any processor of the last ten years does more with an optimised BLAS. */
const SLOW_GFLOPS_PER_THREAD = 8;

/** Each a sentence on what is slow and one on what to do. */
export function warningsFor(blas: Blas, threads: Threads, gflops: number): readonly string[] {
  const warnings: string[] = [];
  if (blas.kind === "reference") {
    warnings.push(
      `Matrix products use the reference BLAS (${blas.path}), which is many times slower than OpenBLAS. ` +
        "Run as root: apt-get install -y libopenblas0-pthread",
    );
  }
  if (threads.available === 1) {
    warnings.push("One CPU core is available. Give the process more, for example with taskset.");
  } else if (threads.used === 1) {
    warnings.push(`libtorch uses 1 of ${threads.available} cores: it was built without OpenMP. Use another libtorch.`);
  }
  if (blas.kind !== "reference" && gflops < SLOW_GFLOPS_PER_THREAD * threads.used) {
    warnings.push(
      `${gflops.toFixed(1)} GFLOP/s is little for ${threads.used} threads: expected ` +
        `${SLOW_GFLOPS_PER_THREAD} per thread or more. Look for other programs on these cores (top), ` +
        "or for a debug build of libtorch.",
    );
  }
  return warnings;
}
