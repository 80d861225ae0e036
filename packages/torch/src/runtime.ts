/** The linked libtorch and how many threads it uses. */
import type { LibtorchFacts } from "./addon.ts";
import { binding, libtorchFacts } from "./native.ts";

/** What is known of the linked libtorch. */
export interface Libtorch extends LibtorchFacts {
  /** CUDA devices that it can use now. */
  readonly cudaDevices: number;
  /** Its own account of how it was built and how it runs in parallel, several lines. */
  readonly configuration: string;
  /** The file that provides BLAS; empty when BLAS is built into libtorch. */
  readonly blasLibrary: string;
  /** The instruction set that the addon's own products are compiled for: avx512, avx2 or baseline. */
  readonly productInstructions: string;
}

/** What this process computes with. */
export function libtorch(): Libtorch {
  return {
    ...libtorchFacts,
    version: binding.version(),
    cudaDevices: binding.cudaDevices(),
    configuration: binding.buildConfiguration(),
    blasLibrary: binding.blasLibrary(),
    productInstructions: binding.productInstructions(),
  };
}

/**
 * GFLOP/s (1e9 multiplications and additions of float32 a second) of one thread that multiplies and adds numbers in its
 * registers, with the instruction set of the addon's own products: what those would reach if memory took no time. Measured
 * for some 3 ms.
 */
export function multiplyAddRate(): number {
  return binding.multiplyAddRate();
}

/**
 * Bytes that the process holds from the C heap: tensors on the CPU and the graphs that keep them, and little else.
 * Memory that was freed does not count, whether or not the system has it back. 0 where the C library can't tell.
 */
export function allocatedBytes(): number {
  return binding.allocatedBytes();
}

/** Threads that one operator may use. Debian's libtorch starts with one. */
export function getThreads(): number {
  return binding.threads();
}

/** Sets how many threads one operator may use, 1 to 4096; those of OpenBLAS, which has a pool of its own, too. */
export function setThreads(count: number): void {
  binding.setThreads(count);
}
