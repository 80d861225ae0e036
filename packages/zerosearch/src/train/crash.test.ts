/** kill -9 in the middle of training, in every phase of it: the run goes on and ends as if nothing had happened. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { setThreads } from "@zerosearch/torch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keyedUniform } from "../core/keyed-random.ts";
import type { LoopbackServer } from "../core/testing/loopback-server.ts";
import { findLastGoodCheckpoint, stepsIn } from "../run/checkpoint-store.ts";
import { RUN_FILES } from "../run/run-files.ts";
import { compileSources } from "../run/testing/compile-sources.ts";
import { expectSameRun } from "./testing/run-content.ts";
import { simulatedSearch, toyConfig, toySimulator, writeToyWorld } from "./testing/toy-world.ts";

const SEED = 5;
const KILLS = 20;
const STEPS = 8;

/** Says on stdout what it begins. */
const CHILD = `
import { readFileSync, writeSync } from "node:fs";
import { setThreads } from "@zerosearch/torch";
const { f1Reward } = await import(MODULES + "reward/answer-rewards.js");
const { train } = await import(MODULES + "train/train.js");
setThreads(1);
const [path, resume] = process.argv.slice(2);
const say = (phase) => writeSync(1, phase + "\\n");
let scored = 0;
const result = await train(JSON.parse(readFileSync(CONFIG, "utf8")), {
  path,
  resume: resume === "resume",
  onRollouts: ({ done, running }) => done === 0 && running === 1 && say("rollouts"),
  reward: (trajectory) => {
    const { key } = trajectory;
    if (key.step !== scored) say(key.step === 0 ? "evaluation" : "update");
    scored = key.step;
    return f1Reward(trajectory);
  },
  onStep: () => say("checkpoint"),
});
say(result.outcome);
`;

let folder = "";
let simulator: LoopbackServer;
beforeAll(async () => {
  setThreads(1);
  folder = mkdtempSync(join(tmpdir(), "zerosearch-train-crash-"));
  const world = await writeToyWorld(join(folder, "world"), 30);
  simulator = await toySimulator();
  const config = toyConfig(world, {
    algorithm: "ppo",
    search: simulatedSearch(simulator),
    noise: { kind: "success-rate", start: 0, end: 1, from: 0, to: 1 },
    steps: STEPS,
    questionsPerStep: 3,
    groupSize: 3,
    update: { miniBatches: 2 },
    evaluations: [{ name: "real", files: [world.questions], search: toyConfig(world).search, every: 1 }],
    save: { every: 1, keepLast: 2 },
  });
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  const entries = ["train/train.ts", "reward/answer-rewards.ts"];
  const modules = compileSources(folder, entries);
  const child = CHILD.replaceAll("MODULES", JSON.stringify(modules)).replace(
    "CONFIG",
    JSON.stringify(join(folder, "config.json")),
  );
  writeFileSync(join(folder, "child.mjs"), child);
}, 60_000);

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await simulator[Symbol.asyncDispose]();
});

const PHASES = ["rollouts", "update", "evaluation", "checkpoint"] as const;

interface Killing {
  readonly phase: (typeof PHASES)[number];
  /** When the phase has begun so many times, so much later. */
  readonly times: number;
  readonly delayMs: number;
}

/** Starts or resumes the run, and kills it if told to. Returns the last line of a child that came to its end. */
async function run(path: string, killing?: Killing): Promise<string | undefined> {
  const parameters = [join(folder, "child.mjs"), path, existsSync(path) ? "resume" : "new"];
  const child = spawn(process.execPath, parameters, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  let begun = 0;
  let last: string | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    if (line !== killing?.phase || ++begun !== killing.times) continue;
    if (killing.phase === "checkpoint") await untilSaving(path, () => child.exitCode !== null);
    await wait(killing.delayMs);
    child.kill("SIGKILL");
  }
  const [, signal] = await ended;
  return signal === "SIGKILL" ? undefined : last;
}

function isSaving(path: string): boolean {
  const root = join(path, RUN_FILES.checkpoints);
  return existsSync(root) && readdirSync(root).some((name) => name.startsWith(".saving-"));
}

async function untilSaving(path: string, isOver: () => boolean): Promise<void> {
  while (!isSaving(path) && !isOver()) await turn();
}

test("a run killed at random moments of every phase ends with the bits of one that was not", async () => {
  const whole = join(folder, "whole");
  expect(await run(whole)).toBe("finished");

  const path = join(folder, "killed");
  let kills = 0;
  let halfSaved = 0;
  for (let attempt = 0; kills < KILLS; attempt++) {
    if (stepsIn(join(path, RUN_FILES.checkpoints)).includes(STEPS)) rmSync(path, { recursive: true });
    const draw = (what: string): number => keyedUniform([SEED, attempt, what]);
    const phase = PHASES[attempt % PHASES.length] ?? "rollouts";
    const delayMs = draw("delay") * (phase === "checkpoint" ? 10 : 30);
    const end = await run(path, { phase, times: 1 + Math.floor(2 * draw("times")), delayMs });
    if (end === undefined) kills++;
    if (isSaving(path)) halfSaved++;
    expect(findLastGoodCheckpoint(join(path, RUN_FILES.checkpoints)).problems).toEqual([]);
  }
  expect(halfSaved).toBeGreaterThan(0);
  expect(await run(path)).toBe("finished");
  expectSameRun(path, whole);
});
