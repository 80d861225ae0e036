import { expect, test } from "vitest";
import { RunError } from "../core/errors.ts";
import { NonFiniteGuard, type SkippedStep } from "./non-finite-guard.ts";

const skipped = (model: SkippedStep["model"]): SkippedStep => ({
  model,
  loss: Number.NaN,
  gradientNorm: 1,
  batch: { rollouts: [] },
});

test("a few skipped steps are borne, one more in a row stops the run", () => {
  const guard = new NonFiniteGuard(2);
  guard.stepSkipped(skipped("policy"));
  guard.stepSkipped(skipped("policy"));
  guard.stepTaken("policy");
  guard.stepSkipped(skipped("policy"));
  guard.stepSkipped(skipped("policy"));
  guard.throwIfTooMany();
  guard.stepSkipped(skipped("policy"));
  expect(() => guard.throwIfTooMany()).toThrow(RunError);
  expect(guard.total).toBe(5);
});

test("a critic that learns does not hide a policy that does not", () => {
  const guard = new NonFiniteGuard(1);
  guard.stepSkipped(skipped("policy"));
  guard.stepTaken("critic");
  guard.stepSkipped(skipped("policy"));
  expect(() => guard.throwIfTooMany()).toThrow("2 updates of the policy in a row");
});

test("an update that goes well after too many that did not makes nothing good", () => {
  const guard = new NonFiniteGuard(1);
  guard.stepSkipped(skipped("policy"));
  guard.stepSkipped(skipped("policy"));
  guard.stepTaken("policy");
  expect(() => guard.throwIfTooMany()).toThrow("2 updates of the policy in a row");
});
