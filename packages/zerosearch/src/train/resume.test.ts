/** A run that was stopped, or broke off, goes on as if nothing had happened: to the same bits. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { liveTensorCount, setThreads } from "@zerosearch/torch";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LoopbackServer } from "../core/testing/loopback-server.ts";
import { stepsIn } from "../run/checkpoint-store.ts";
import { readMetrics } from "../run/metrics-log.ts";
import { RUN_FILES } from "../run/run-files.ts";
import { expectSameRun } from "./testing/run-content.ts";
import { simulatedSearch, type ToyWorld, toyConfig, toySimulator, writeToyWorld } from "./testing/toy-world.ts";
import { train } from "./train.ts";
import type { TrainConfig } from "./train-config.ts";

setThreads(1);

let folder = "";
let world: ToyWorld;
let simulator: LoopbackServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-resume-"));
  world = await writeToyWorld(join(folder, "world"), 30);
  simulator = await toySimulator();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await simulator[Symbol.asyncDispose]();
});

const STEPS = 6;

/** Has all that a run could forget: schedules that follow what was measured, moments, several updates a step. */
function manySidedConfig(changes: object, model: object): TrainConfig {
  const { model: base, search: real } = toyConfig(world);
  const search = simulatedSearch(simulator);
  return toyConfig(world, {
    search,
    noise: { kind: "success-rate", start: 0, end: 1, from: 0, to: 1 },
    objective: { klCoefficient: 0.1, klController: { kind: "adaptive", target: 0.01, horizon: 100 } },
    steps: STEPS,
    questionsPerStep: 4,
    groupSize: 4,
    update: { miniBatches: 3 },
    evaluations: [
      { name: "real", files: [world.questions], search: real, every: 2, keptTrajectories: 2 },
      { name: "simulated", files: [world.questions], search, temperatures: [1] },
    ],
    save: { every: 2, keepLast: 3 },
    ...changes,
    model: { ...base, ...model },
  });
}

test.each([
  ["GRPO with a reference", { algorithm: "grpo" }, {}],
  ["PPO with a critic, in bfloat16", { algorithm: "ppo", critic: { onlySteps: 1, lr: 3e-3 } }, { dtype: "bfloat16" }],
])("%s: stopped, broken off and resumed, it ends with the bits of a run that was not", async (name, changes, model) => {
  const config = manySidedConfig(changes, model);
  const [whole, path] = [join(folder, `${name}, whole`), join(folder, `${name}, in parts`)];
  const before = liveTensorCount();
  await train(config, { path: whole, resume: false });

  const stop = { isRequested: false, signal: new AbortController().signal };
  const onStep = ({ step }: { readonly step: number }): void => {
    stop.isRequested = step === 1 || step === 3;
    if (step === 5) throw new Error("the power is gone");
  };
  const options = { path, stop, onStep };
  expect(await train(config, { ...options, resume: false })).toMatchObject({ step: 1, outcome: "stopped" });
  stop.isRequested = false;
  expect(await train(config, { ...options, resume: true })).toMatchObject({ step: 3, outcome: "stopped" });
  stop.isRequested = false;
  await expect(train(config, { ...options, resume: true })).rejects.toThrow("the power is gone");
  expect(stepsIn(join(path, RUN_FILES.checkpoints)).at(-1)).toBe(4);
  expect(await train(config, { path, resume: true })).toMatchObject({ step: STEPS, outcome: "finished" });
  expect(liveTensorCount()).toBe(before);

  for await (const { metrics } of readMetrics(join(whole, RUN_FILES.metrics))) {
    expect(metrics["sampler/logprob_difference_max"]).toBe(0);
  }
  expectSameRun(path, whole);
});
