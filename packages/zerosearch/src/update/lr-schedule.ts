/** Learning rates by step. */

export interface LrSchedule {
  /** The highest rate. */
  readonly peak: number;
  /** Steps of linear warm-up W: step k (from 0) of them runs at (k + 1) / W of the peak, so that none is idle (D14). */
  readonly warmupSteps?: number;
  /** What follows the warm-up. Default `constant`, as in the paper's runs. */
  readonly decay?: "constant" | "linear" | "cosine";
  /** Where the decay ends, as a share of the peak. Default 0. */
  readonly finalShare?: number;
  /** How long the peak is held before the decay begins, as a share of all steps. Default 0. */
  readonly holdShare?: number;
}

/**
 * The rate of an update.
 *
 * @param step        updates done so far: 0 for the first
 * @param totalSteps  updates in all
 */
export function learningRateAt(schedule: LrSchedule, step: number, totalSteps: number): number {
  const { peak, warmupSteps = 0, decay = "constant", finalShare = 0, holdShare = 0 } = schedule;
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
  if (decay === "constant") return peak;
  const start = Math.max(warmupSteps, holdShare * totalSteps);
  const progress = Math.min(1, Math.max(0, (step - start) / Math.max(1, totalSteps - start)));
  const left = decay === "linear" ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2;
  return peak * (finalShare + (1 - finalShare) * left);
}
