/**
 * How likely a result is to be noisy, step by step (§4; arXiv 2505.04588, section 3.4). The reference knows one
 * schedule whose base can't be set (defect D29) and draws from an unseeded generator (D26); here a schedule is data, and
 * every draw is a pure function of its key.
 */
import { ConfigError } from "../../core/errors.ts";
import { keyedUniform, type RandomKey } from "../../core/keyed-random.ts";

/** `start` and `end` are probabilities. */
export type NoiseSchedule =
  /** The paper's. With base 4, the default, a third of the span is reached at half of the steps; base 1 is linear. */
  | { readonly kind: "exponential"; readonly start: number; readonly end: number; readonly base?: number }
  | { readonly kind: "linear"; readonly start: number; readonly end: number }
  | { readonly kind: "constant"; readonly noise: number }
  /** `start` up to a success rate of `from`, `end` from one of `to` on, linear between: harder as the policy improves. */
  | {
      readonly kind: "success-rate";
      readonly start: number;
      readonly end: number;
      readonly from: number;
      readonly to: number;
    };

const REFERENCE_BASE = 4;

/**
 * The probability that a result is noisy.
 *
 * @param step        counted from 1; `totalSteps` and later give a schedule's end
 * @param successRate  of the policy, in [0, 1]; demanded by "success-rate" only, 0 before anything is known
 * @throws {ConfigError} the schedule or an argument is out of range
 */
export function noiseProbability(
  schedule: NoiseSchedule,
  step: number,
  totalSteps: number,
  { successRate }: { readonly successRate?: number | undefined } = {},
): number {
  checkSchedule(schedule);
  demand(Number.isSafeInteger(step) && step >= 0, "step", step, "an integer ≥ 0");
  demand(Number.isSafeInteger(totalSteps) && totalSteps >= 1, "totalSteps", totalSteps, "an integer ≥ 1");
  const progress = Math.min(step / totalSteps, 1);
  switch (schedule.kind) {
    case "exponential":
      return between(schedule, growth(progress, schedule.base ?? REFERENCE_BASE));
    case "linear":
      return between(schedule, progress);
    case "constant":
      return schedule.noise;
    case "success-rate": {
      const rate = successRate ?? Number.NaN;
      demand(isShare(rate), "successRate", successRate, "in [0, 1], as the schedule follows it");
      return between(schedule, Math.min(Math.max((rate - schedule.from) / (schedule.to - schedule.from), 0), 1));
    }
    default:
      return schedule satisfies never;
  }
}

/** @throws {ConfigError} a probability is none, the base is not positive, or no success rate lies between the bounds */
export function checkSchedule(schedule: NoiseSchedule): void {
  if (schedule.kind === "constant") {
    demand(isShare(schedule.noise), "noise", schedule.noise, "a probability in [0, 1]");
    return;
  }
  demand(isShare(schedule.start), "start", schedule.start, "a probability in [0, 1]");
  demand(isShare(schedule.end), "end", schedule.end, "a probability in [0, 1]");
  if (schedule.kind === "exponential") {
    const { base = REFERENCE_BASE } = schedule;
    demand(base > 0 && Number.isFinite(base), "base", base, "a finite number > 0");
  }
  if (schedule.kind === "success-rate") {
    const { from, to } = schedule;
    demand(isShare(from) && isShare(to) && from < to, "from and to", `${from}, ${to}`, "in [0, 1], the first smaller");
  }
}

/**
 * Whether a result is to be noisy, as the reference draws it: a number above the probability is useful, so an equal one
 * is noisy, and with probability 1 every result is.
 */
export function drawIsNoisy(noise: number, key: RandomKey): boolean {
  return isNoisy(noise, keyedUniform(key));
}

/** @param uniform  in [0, 1) */
export function isNoisy(noise: number, uniform: number): boolean {
  return !(uniform > noise);
}

/** (bˣ − 1) / (b − 1), and its limit x at b = 1, without loss of digits near it. */
function growth(x: number, base: number): number {
  return base === 1 ? x : Math.expm1(x * Math.log(base)) / Math.expm1(Math.log(base));
}

/** The end exactly once the share is 1. */
function between({ start, end }: { readonly start: number; readonly end: number }, share: number): number {
  return share >= 1 ? end : start + share * (end - start);
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}

function demand(isRight: boolean, name: string, value: unknown, expected: string): void {
  if (!isRight) throw new ConfigError(`noise schedule: ${name} is ${String(value)}, expected ${expected}.`);
}
