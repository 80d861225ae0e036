/** How well a policy did before and after training, by evaluation and temperature. */
import type { Interval } from "../../core/statistics.ts";
import type { EvaluationLine } from "../run-files.ts";

/** The first and the last time that an evaluation was made. They are the same where there was only one. */
export interface Comparison {
  readonly name: string;
  readonly temperature: number;
  readonly before: EvaluationLine;
  readonly after: EvaluationLine;
}

/** One per name and temperature. Real engines come before simulated ones, likeliest tokens before drawn ones. */
export function comparisonsOf(evaluations: readonly EvaluationLine[]): Comparison[] {
  const names = [...new Set(evaluations.map(({ name }) => name))];
  const comparisons = names.flatMap((name) => {
    const own = evaluations.filter((line) => line.name === name);
    const temperatures = [...new Set(own.map(({ temperature }) => temperature))].sort((a, b) => a - b);
    return temperatures.flatMap((temperature) => comparisonOf(own.filter((line) => line.temperature === temperature)));
  });
  return comparisons.sort((a, b) => Number(isSimulated(a.after)) - Number(isSimulated(b.after)));
}

function comparisonOf(lines: readonly EvaluationLine[]): Comparison[] {
  const ordered = [...lines].sort((a, b) => a.step - b.step);
  const [before, after] = [ordered[0], ordered.at(-1)];
  return before && after ? [{ name: after.name, temperature: after.temperature, before, after }] : [];
}

/** Whether training lies between the two. */
export function hasChange({ before, after }: Comparison): boolean {
  return after.step > before.step;
}

/** Whether documents were written by a simulator. */
function isSimulated({ engine }: EvaluationLine): boolean {
  return engine.name === "simulator";
}

/**
 * How far a share or mean has moved, with an interval from those of both (Newcombe 1998, method 10; Zou & Donner 2008 for
 * means). It takes the two as independent: on the same questions it is rather too wide.
 */
export function changeOf(before: Interval, after: Interval): Interval {
  const value = after.value - before.value;
  return {
    value,
    low: value - Math.hypot(after.value - after.low, before.high - before.value),
    high: value + Math.hypot(after.high - after.value, before.value - before.low),
  };
}

/** Such as `greedy` or `T = 0.7`, which no line break parts. */
export function temperatureText(temperature: number): string {
  return temperature === 0 ? "greedy" : `T\u00a0=\u00a0${temperature}`;
}
