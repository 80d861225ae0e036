/** What stops a run says why, and costs no more than the work since the last checkpoint. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { liveTensorCount, setThreads } from "@zerosearch/torch";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { checkpointFolder, stepsIn } from "../run/checkpoint-store.ts";
import { RUN_FILES, type SkippedUpdateLine } from "../run/run-files.ts";
import { readSkippedUpdates } from "../run/skipped-update-log.ts";
import { readTrajectories } from "../run/trajectory-log.ts";
import { expectSameRun } from "./testing/run-content.ts";
import { type ToyWorld, toyConfig, writeToyWorld } from "./testing/toy-world.ts";
import { train } from "./train.ts";
import type { TrainConfig } from "./train-config.ts";

setThreads(1);

let folder = "";
let world: ToyWorld;
let config: TrainConfig;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-failing-"));
  world = await writeToyWorld(join(folder, "world"), 0);
  config = toyConfig(world, { steps: 3, questionsPerStep: 2, groupSize: 2, save: { every: 1, keepLast: 2 } });
});
afterAll(() => rmSync(folder, { recursive: true }));

let tensors = 0;
beforeEach(() => {
  tensors = liveTensorCount();
});
afterEach(() => expect(liveTensorCount()).toBe(tensors));

const checkpoints = (path: string): string => join(path, RUN_FILES.checkpoints);
const weights = (path: string, step: number): string =>
  join(checkpointFolder(checkpoints(path), step), "policy/model.safetensors");

test("a truncated checkpoint is told and passed over: the run goes on from the one before, to the same end", async () => {
  const [whole, path] = [join(folder, "whole"), join(folder, "truncated")];
  for (const run of [whole, path]) await train(config, { path: run, resume: false });
  truncateSync(weights(path, 3), 100);
  const notes: string[] = [];
  const steps: number[] = [];
  await train(config, {
    path,
    resume: true,
    onNote: (note) => notes.push(note),
    onStep: ({ step }) => steps.push(step),
  });
  expect(notes).toEqual([
    expect.stringMatching(/step-00000003\/policy\/model\.safetensors has 100 bytes, expected \d+/),
  ]);
  expect(steps).toEqual([3]);
  expectSameRun(path, whole);
});

test("where no checkpoint is whole, nothing is begun anew over the logs", async () => {
  const path = join(folder, "lost");
  await train(config, { path, resume: false });
  for (const step of stepsIn(checkpoints(path))) truncateSync(weights(path, step), 0);
  await expect(train(config, { path, resume: true })).rejects.toThrow(/none of the checkpoints in .*lost.* is whole/);
});

test("another configuration is refused, with what differs", async () => {
  const path = join(folder, "edited");
  await train(config, { path, resume: false });
  const edited = { ...config, seed: 7, actor: { ...config.actor, lr: 0.002 } };
  await expect(train(edited, { path, resume: true })).rejects.toThrow(
    /another configuration:\n {2}actor\.lr: 0\.003 → 0\.002\n {2}seed: 42 → 7\n/,
  );
  await expect(train(config, { path, resume: false })).rejects.toThrow(/continue it with --resume/);
});

test.skipIf(!existsSync("/dev/full"))(
  "a full disk is named, with the file; when there is room the run goes on",
  async () => {
    const [whole, path] = [join(folder, "with room"), join(folder, "full")];
    const real = { name: "real", files: [world.questions], search: config.search, keptTrajectories: 1 };
    const evaluated = toyConfig(world, { steps: 2, questionsPerStep: 2, groupSize: 2, evaluations: [real] });
    await train(evaluated, { path: whole, resume: false });
    mkdirSync(path);
    const log = join(path, RUN_FILES.evaluationTrajectories);
    symlinkSync("/dev/full", log);
    await expect(train(evaluated, { path, resume: false })).rejects.toThrow(
      /evaluation-trajectories\.jsonl: the disk is full: free some space/,
    );
    rmSync(log);
    await train(evaluated, { path, resume: true });
    expectSameRun(path, whole);
  },
);

test("what can't be had is said before there is a run", async () => {
  const path = join(folder, "never");
  const begin = (changes: object): Promise<unknown> =>
    train({ ...config, ...changes }, { path, resume: false, environment: {} });
  await expect(begin({ questionsPerStep: 7 })).rejects.toThrow(/questionsPerStep is 7, but there are 6 questions in/);
  const wandb = { tensorboard: false, wandb: { project: "p" } };
  await expect(begin({ trackers: wandb })).rejects.toThrow(/set the environment variable WANDB_API_KEY/);
  await expect(begin({ search: { engine: "local", index: join(folder, "none") } })).rejects.toThrow(
    /there is no such file/,
  );
  const adaptive = { kind: "adaptive", target: 1, horizon: 1 };
  await expect(begin({ objective: { ...config.objective, klCoefficient: 0, klController: adaptive } })).rejects.toThrow(
    /set objective\.klCoefficient/,
  );
  const learnsDocuments = { ...config.update, learnsDocuments: true };
  await expect(begin({ update: { ...learnsDocuments, oldLogProbs: "recorded" } })).rejects.toThrow(
    /update\.oldLogProbs is recorded, which needs/,
  );
  const importance = { kind: "truncate", level: "token", most: 2 };
  await expect(begin({ update: learnsDocuments, objective: { ...config.objective, importance } })).rejects.toThrow(
    /objective\.importance is truncate, which needs/,
  );
  expect(existsSync(path)).toBe(false);
});

test("updates that come to no number stop the run, and leave behind what they would have learned from", async () => {
  const path = join(folder, "no number");
  const { update } = config;
  const fragile = { ...config, algorithm: "reinforce" as const, update: { ...update, mostSkippedInARow: 1 } };
  const reward = () => ({ reward: 1e300, measures: {} }); // more than float32 holds
  const notes: string[] = [];
  const failing = train(fragile, { path, resume: false, reward, onNote: (note) => notes.push(note) });
  await expect(failing).rejects.toThrow(/2 updates of the policy in a row were not finite/);
  expect(notes).toHaveLength(2);
  const dumped: SkippedUpdateLine[] = [];
  for await (const line of readSkippedUpdates(join(path, RUN_FILES.skippedUpdates))) dumped.push(line);
  expect(dumped.map(({ step, model }) => ({ step, model }))).toEqual([
    { step: 1, model: "policy" },
    { step: 2, model: "policy" },
  ]);
  const kept: unknown[] = [];
  for await (const { record } of readTrajectories(join(path, RUN_FILES.trajectories))) kept.push(record.trajectory.key);
  const named = dumped.flatMap(({ batch }) => ("rollouts" in batch ? batch.rollouts : []));
  expect(named).toHaveLength(8);
  expect(kept).toEqual(expect.arrayContaining(named));
});

test("a model that is gone when a run is resumed leaves nothing in memory", async () => {
  const model = join(folder, "gone");
  const moved = toyConfig({ ...world, model }, { steps: 1, questionsPerStep: 2, groupSize: 2 });
  symlinkSync(world.model, model);
  const path = join(folder, "orphan");
  await train(moved, { path, resume: false });
  rmSync(model);
  await expect(train(moved, { path, resume: true })).rejects.toThrow(/gone\/config\.json can't be read/);
});
