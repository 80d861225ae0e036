import { expect, test } from "vitest";
import { FineTuneView, renderFineTuning, renderFineTuningLine } from "./fine-tune-view.ts";

const PROGRESS = {
  runName: "runs/simulator",
  step: 30,
  totalSteps: 120,
  losses: [4, 2, 1, 0.5],
  validation: { step: 25, loss: 0.75 },
  learningRate: 1e-5,
  tokensPerSecond: 1234.5,
  stepMs: [7000, 6000, 90_000],
};

test("the live view shows progress, the curve of the loss, validation, rate and speed", () => {
  expect(renderFineTuning(PROGRESS, 100)).toEqual([
    "runs/simulator  ██████░░░░░░░░░░░░░░░░░░ 30/120  10 min 30 s left",
    "loss 0.5000  █▄▂▁",
    "validation 0.7500 (step 25)  lr 1.00e-5  1235 tokens/s",
  ]);
  for (const line of renderFineTuning(PROGRESS, 20)) expect([...line].length).toBeLessThanOrEqual(20);
});

test("a log has one line per step", () => {
  const { validation: _, ...unmeasured } = PROGRESS;
  expect(renderFineTuningLine(unmeasured)).toBe(
    "step 30/120  loss 0.5000  lr 1.00e-5  1235 tokens/s  10 min 30 s left",
  );
  const written: string[] = [];
  const view = new FineTuneView({ write: (text) => written.push(text) });
  view.show(unmeasured);
  view.print("saved");
  expect(written).toEqual([`${renderFineTuningLine(unmeasured)}\n`, "saved\n"]);
});
