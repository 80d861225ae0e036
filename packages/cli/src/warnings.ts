import type { Libtorch } from "@zerosearch/torch";
import type { Blas } from "./blas.ts";
import type { ProductSpeeds } from "./product-speeds.ts";

/** Threads libtorch uses for one operator, and the cores this process may use. */
export interface Threads {
  readonly used: number;
  readonly available: number;
}

/** What warnings are about. */
export interface Facts extends Pick<Libtorch, "productInstructions"> {
  readonly blas: Blas;
  readonly threads: Threads;
  /** As Node names it: x64, arm64. */
  readonly architecture: string;
  readonly speeds: ProductSpeeds;
}

/** With less, something disturbs: left alone, the addon's products reach about 0.6 with AVX-512, and more without. */
const EXPECTED_SHARE = 0.4;
/** Two cores do more than this, and two threads of one core hardly so much. */
const EXPECTED_SPEEDUP = 1.3;

/** Each a sentence on what is slow and one on what to do. */
export function warningsFor(facts: Facts): readonly string[] {
  return [blasWarning(facts), instructionsWarning(facts), threadsWarning(facts), shareWarning(facts)].filter(
    (warning) => warning !== undefined,
  );
}

function blasWarning({ blas }: Facts): string | undefined {
  if (blas.kind !== "reference") return undefined;
  return (
    `Products of float64 use the reference BLAS (${blas.path}), which is many times slower than OpenBLAS. ` +
    "Run as root: apt-get install -y libopenblas0-pthread"
  );
}

function instructionsWarning({ productInstructions, architecture }: Facts): string | undefined {
  if (architecture !== "x64" || productInstructions !== "baseline") return undefined;
  return (
    "Products of float32 are computed without AVX2, several times slower than with it. " +
    "Unset ATEN_CPU_CAPABILITY; where it is not set, the processor lacks AVX2: take another."
  );
}

function threadsWarning({ threads: { used, available }, speeds }: Facts): string | undefined {
  if (available === 1) return "One CPU core is available. Give the process more, for example with taskset.";
  if (used === 1) return `libtorch uses 1 of ${available} cores: it was built without OpenMP. Use another libtorch.`;
  const speedup = Math.max(...speeds.float32.map(({ allThreads, oneThread }) => allThreads / oneThread));
  if (speedup >= EXPECTED_SPEEDUP) return undefined;
  return (
    `Products on ${used} threads are ${speedup.toFixed(1)} times as fast as on one: expected ` +
    `${EXPECTED_SPEEDUP} or more. Look for other programs on these cores (top); if there are none, use one thread for ` +
    "each physical core (--threads)."
  );
}

function shareWarning({ speeds }: Facts): string | undefined {
  const share = Math.max(...speeds.float32.map((speed) => speed.share));
  if (share >= EXPECTED_SHARE) return undefined;
  return (
    `Products of float32 reach ${percent(share)} of one thread's multiply-adds: expected ` +
    `${percent(EXPECTED_SHARE)} or more. Look for other programs on this processor (top), ` +
    "which share its caches and its memory, and try again."
  );
}

/** Such as `85 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}
