import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { getThreads, libtorch, setThreads } from "@zerosearch/torch";
import { type Blas, blasOf } from "./blas.ts";
import { type ProductLibraries, productLibraries } from "./product-libraries.ts";
import { measureProducts, type ProductSpeeds } from "./product-speeds.ts";
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
  readonly products: ProductLibraries;
  readonly threads: Threads;
  /** Of products on the CPU. */
  readonly speeds: ProductSpeeds;
  /** What makes this machine slower than it could be, each with its remedy. */
  readonly warnings: readonly string[];
}

/** Looks at the machine and measures it; takes about a second. */
export function diagnose(): Diagnosis {
  const available = availableParallelism();
  setThreads(available);
  const { version, root, source, cuda, gloo, notes, cudaDevices, ...build } = libtorch();
  const { productInstructions } = build;
  const blas = blasOf(build);
  const threads = { used: getThreads(), available };
  const speeds = measureProducts(threads.used);
  return {
    node: process.versions.node,
    libtorch: { version, root, source, cuda, cudaDevices, gloo, notes },
    blas,
    products: productLibraries(build, blas, readFileSync("/proc/cpuinfo", "utf8")),
    threads,
    speeds,
    warnings: warningsFor({ blas, threads, productInstructions, architecture: process.arch, speeds }),
  };
}
