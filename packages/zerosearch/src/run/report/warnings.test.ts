import { expect, test } from "vitest";
import type { RunRecord } from "./read-run.ts";
import { searchCostOf } from "./search-cost.ts";
import { madeEvaluation } from "./testing/made-evaluation.ts";
import { warningsOf } from "./warnings.ts";

/** Only the parts that warnings are made of. */
const run = (metrics: readonly Record<string, number>[], evaluations: RunRecord["evaluations"] = []): RunRecord =>
  ({ metrics: metrics.map((its, i) => ({ step: i + 1, time: 0, metrics: its })), evaluations }) as unknown as RunRecord;

test("a run without troubles has no warnings", () => {
  const quiet = {
    "watchdog/exploits_simulator": 0,
    "env/stop/answered": 90,
    "env/stop/turn-limit": 10,
    "update/skipped_steps": 0,
  };
  expect(warningsOf(run([quiet, quiet], [madeEvaluation({ name: "real", step: 0 })]))).toEqual([]);
});

test("the watchdog's findings are told with their steps", () => {
  const fired = { "watchdog/exploits_simulator": 1 };
  expect(warningsOf(run([{}, fired]))[0]).toMatch(/exploit the simulator \(step 2\)/);
  expect(warningsOf(run([fired, {}, fired]))[0]).toMatch(/exploit the simulator \(2 steps from 1 to 3\)/);
});

test("failed rollouts are told as a share of all, by reason", () => {
  const metrics = { "env/stop/answered": 90, "env/stop/search-failed": 8, "env/stop/aborted": 2 };
  expect(warningsOf(run([metrics, metrics]))).toEqual([
    "10.0 % of the rollouts failed (16 search-failed, 4 aborted); nothing was learned from them.",
  ]);
});

test("skipped updates, metrics that are no numbers and failed questions are told", () => {
  const warnings = warningsOf(
    run(
      [{ "update/skipped_steps": 1, "actor/grad_norm": Number.NaN }],
      [madeEvaluation({ name: "real", step: 0, failed: 3 }), madeEvaluation({ name: "real", step: 9 })],
    ),
  );
  expect(warnings[0]).toMatch(/^1 update was skipped/);
  expect(warnings[1]).toMatch(/\(step 1\).*: actor\/grad_norm\./);
  expect(warnings[2]).toMatch(/“real” \(greedy\): up to 3 of 13 questions failed/);
});

test("simulated searches cost what the run was told that they do", () => {
  // The paper's run: 64,000 searches, $586.67 at SerpApi's price for large plans.
  const half = { "simulator/results": 32_000, "search/cost_saved_usd": 293.335 };
  const cost = searchCostOf(run([half, half]).metrics);
  expect(cost).toMatchObject({ searches: 64_000, dollars: 586.67 });
  expect(cost?.dollarsPer1000).toBeCloseTo(9.1667, 4);
  expect(searchCostOf(run([{ "search/made": 100 }]).metrics)).toBeUndefined();
});
