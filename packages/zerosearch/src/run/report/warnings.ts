/** What a reader must know before believing a run's numbers. */
import { isFailure, STOP_REASONS } from "../../rollout/stop-reason.ts";
import { comparisonsOf, temperatureText } from "./comparisons.ts";
import { countText } from "./format.ts";
import { METRIC, STOP_PREFIX } from "./metric-names.ts";
import type { RunRecord } from "./read-run.ts";

/** Percent of the rollouts that may fail without a word: the counts are in the metrics all the same. */
const UNREMARKABLE_FAILURES = 0.1;

/** One sentence each. */
export function warningsOf(run: RunRecord): string[] {
  return [
    ...exploitation(run),
    ...failedRollouts(run),
    ...skippedUpdates(run),
    ...notFinite(run),
    ...failedQuestions(run),
  ];
}

function exploitation({ metrics }: RunRecord): string[] {
  const steps = metrics.filter((line) => (line.metrics[METRIC.exploitsSimulator] ?? 0) > 0).map(({ step }) => step);
  if (steps.length === 0) return [];
  return [
    `The policy seems to exploit the simulator (${stepsText(steps)}), or the simulator leaks: training went well while a ` +
      "watched evaluation's score fell or stayed far behind, or pages told answers that they should not. Trust the " +
      "evaluations on a real engine only.",
  ];
}

function failedRollouts({ metrics }: RunRecord): string[] {
  const total = (reasons: readonly string[]) =>
    metrics.reduce(
      (sum, line) => sum + reasons.reduce((all, one) => all + (line.metrics[STOP_PREFIX + one] ?? 0), 0),
      0,
    );
  const failed = STOP_REASONS.filter(isFailure)
    .map((reason) => ({ reason, count: total([reason]) }))
    .filter(({ count }) => count > 0);
  if (failed.length === 0) return [];
  const share = (100 * total(failed.map(({ reason }) => reason))) / total(STOP_REASONS);
  if (share < UNREMARKABLE_FAILURES) return [];
  const reasons = failed.map(({ reason, count }) => `${count.toLocaleString("en")} ${reason}`).join(", ");
  return [`${share.toFixed(1)} % of the rollouts failed (${reasons}); nothing was learned from them.`];
}

function skippedUpdates({ metrics }: RunRecord): string[] {
  const skipped = metrics.reduce((sum, line) => sum + (line.metrics[METRIC.skippedUpdates] ?? 0), 0);
  return skipped === 0
    ? []
    : [
        `${countText(skipped, "update was", "updates were")} skipped, since loss or gradient was no number; see skipped-updates.jsonl.`,
      ];
}

function notFinite({ metrics }: RunRecord): string[] {
  const hit = metrics.filter((line) => Object.values(line.metrics).some((value) => !Number.isFinite(value)));
  const names = new Set(
    hit.flatMap((line) => Object.keys(line.metrics).filter((name) => !Number.isFinite(line.metrics[name]))),
  );
  if (hit.length === 0) return [];
  return [
    `Some metrics are no numbers (${stepsText(hit.map(({ step }) => step))}) and missing in the curves: ${[...names].join(", ")}.`,
  ];
}

function failedQuestions({ evaluations }: RunRecord): string[] {
  return comparisonsOf(evaluations).flatMap(({ name, temperature, before, after }) => {
    const failed = Math.max(before.failed, after.failed);
    if (failed === 0) return [];
    const all = Math.max(before.failed + before.questions, after.failed + after.questions);
    return [
      `Evaluation “${name}” (${temperatureText(temperature)}): up to ${failed} of ${countText(all, "question", "questions")} failed and are in no mean.`,
    ];
  });
}

/** Such as `step 7` or `12 steps from 7 to 40`. */
function stepsText(steps: readonly number[]): string {
  return steps.length === 1 ? `step ${steps[0]}` : `${steps.length} steps from ${steps[0]} to ${steps.at(-1)}`;
}
