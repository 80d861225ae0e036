import { expect, test } from "vitest";
import { RunError } from "../core/errors.ts";
import { NonFiniteGuard, type SkippedStep } from "./non-finite-guard.ts";

const skipped = (model: SkippedStep["model"]): SkippedStep => ({ model, loss: Number.NaN, gradientNorm: 1, keys: [] });

test("a few skipped steps are borne, one more in a row stops the run", () => {
  const guard = new NonFiniteGuard(2);
  guard.stepSkipped(skipped("policy"));
  guard.stepSkipped(skipped("policy"));
  guard.stepTaken("policy");
  guard.stepSkipped(skipped("policy"));
  guard.stepSkipped(skipped("policy"));
  expect(() => guard.stepSkipped(skipped("policy"))).toThrow(RunError);
  expect(guard.total).toBe(5);
});

test("a critic that learns does not hide a policy that does not", () => {
  const guard = new NonFiniteGuard(1);
  guard.stepSkipped(skipped("policy"));
  guard.stepTaken("critic");
  expect(() => guard.stepSkipped(skipped("policy"))).toThrow("2 updates of the policy in a row");
});
