/**
 * Which kernels OpenBLAS computes with. It picks them by processor, and those for AVX2 and AVX-512 (Haswell, Zen,
 * SkylakeX) give a row of a product other last bits when other rows stand beside it, whatever their number: nothing
 * built on them repeats to the bit. Those for AVX (Sandybridge) do, at about four fifths of the speed (docs/log.md).
 */
import { readFileSync } from "node:fs";

/** The newest kernels on which rows keep their bits. */
const REPEATABLE_KERNELS = "Sandybridge";

const VARIABLE = "OPENBLAS_CORETYPE";

/**
 * Chooses repeatable kernels where nobody chose others. OpenBLAS reads the variable when it is loaded, and never again;
 * another BLAS does not know it. In a worker thread it reaches the library only if the thread shares the environment.
 *
 * @param environment     is changed
 * @param processorFlags  what the processor can do, as Linux lists it
 */
export function chooseOpenblasKernels(
  // biome-ignore lint/style/noProcessEnv: the library takes its setting from there and from nowhere else
  environment: NodeJS.ProcessEnv = process.env,
  processorFlags: ReadonlySet<string> = readProcessorFlags(),
): void {
  if (environment[VARIABLE] === undefined && processorFlags.has("avx")) environment[VARIABLE] = REPEATABLE_KERNELS;
}

/** Empty where there is no /proc/cpuinfo, or where it names no flags, as on processors that are not x86. */
function readProcessorFlags(): ReadonlySet<string> {
  try {
    const [, flags = ""] = /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8")) ?? [];
    return new Set(flags.trim().split(/\s+/));
  } catch {
    return new Set();
  }
}
