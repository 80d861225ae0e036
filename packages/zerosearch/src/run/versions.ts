/** What computed a run: enough to know why two runs of the same configuration may differ. */
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, release } from "node:os";
import { getThreads, libtorch } from "@zerosearch/torch";

export interface Versions {
  readonly zerosearch: string;
  readonly node: string;
  readonly libtorch: {
    readonly version: string;
    readonly cudaDevices: number;
    /** File name of the library that provides BLAS; empty when it is built in. */
    readonly blas: string;
    /** The instruction set of the addon's own products: with fewer, roundings differ. */
    readonly products: string;
    /** Threads of one operator: sums depend on how they are split. */
    readonly threads: number;
  };
  /** Such as `linux 6.1.0 x64`. */
  readonly platform: string;
  readonly processor: string;
  readonly cores: number;
}

/** Those of this process. */
export function versions(): Versions {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  const { version, cudaDevices, blasLibrary, productInstructions } = libtorch();
  return {
    zerosearch: manifest.version,
    node: process.versions.node,
    libtorch: {
      ...{ version, cudaDevices, blas: blasLibrary.split("/").at(-1) ?? "" },
      ...{ products: productInstructions, threads: getThreads() },
    },
    platform: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
  };
}
