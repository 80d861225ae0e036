import { availableParallelism } from "node:os";
import { Generator, getThreads, libtorch, randn, setThreads, tidy } from "@zerosearch/torch";
import { type Blas, blasOf } from "./blas.ts";
import { type Threads, warningsFor } from "./warnings.ts";

/** What this machine offers a training run. */
export interface Diagnosis {
  readonly node: string;
  readonly libtorch: {
    readonly version: string;
    readonly root: string;
    readonly source: string;
    readonly cuda: boolean;
    /** Usable now. */
    readonly cudaDevices: number;
    readonly gloo: boolean;
    /** Such as why CUDA is off. */
    readonly notes: readonly string[];
  };
  readonly blas: Blas;
  readonly threads: Threads;
  /** Of a float32 product of two 1024 × 1024 matrices on the CPU. */
  readonly gflops: number;
  /** What makes this machine slower than it could be, each with its remedy. */
  readonly warnings: readonly string[];
}

const MATRIX_SIZE = 1024;
const REPEATS = 8;

/** Looks at the machine and measures it; takes about half a second. */
export function diagnose(): Diagnosis {
  const available = availableParallelism();
  setThreads(available);
  const { version, root, source, cuda, gloo, notes, cudaDevices, ...build } = libtorch();
  const blas = blasOf(build);
  const threads = { used: getThreads(), available };
  const gflops = measureGflops();
  return {
    node: process.versions.node,
    libtorch: { version, root, source, cuda, cudaDevices, gloo, notes },
    blas,
    threads,
    gflops,
    warnings: warningsFor(blas, threads, gflops),
  };
}

/** The best of several products: the others were disturbed. */
function measureGflops(): number {
  return tidy(() => {
    const generator = new Generator(0);
    const a = randn([MATRIX_SIZE, MATRIX_SIZE], { generator });
    const b = randn([MATRIX_SIZE, MATRIX_SIZE], { generator });
    let bestMs = Number.POSITIVE_INFINITY;
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      const startedAt = performance.now();
      a.mm(b);
      bestMs = Math.min(bestMs, performance.now() - startedAt);
    }
    return (2 * MATRIX_SIZE ** 3) / (bestMs * 1e6);
  });
}
