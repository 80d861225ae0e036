/** kill -9 at random moments: whatever was being written, the run goes on and ends as if nothing had happened. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keyedUniform } from "../core/keyed-random.ts";
import { findLastGoodCheckpoint, type GoodCheckpoint, stepsIn } from "./checkpoint-store.ts";
import { readMetrics } from "./metrics-log.ts";
import { compileSources } from "./testing/compile-sources.ts";

const SEED = 20260;
const KILLS = 24;
const TOTAL_STEPS = 120;
let folder = "";

/**
 * A run whose weights are a pure function of the step, as training's are: three numbers and 64 kB of ballast. It says
 * when each step begins, so that moments to kill it can be chosen.
 */
const CHILD = `
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeSync } from "node:fs";
const { Run } = await import(MODULES + "run/run.js");
const { keyedUniform } = await import(MODULES + "core/keyed-random.js");
const [path, resume, total] = process.argv.slice(2);
try {
  const run = new Run({ path, resume: resume === "resume", config: { lr: 1 }, seed: 1, versions: {} });
  const last = run.lastCheckpoint;
  let weights = last ? JSON.parse(readFileSync(join(last.path, "weights.json"), "utf8")) : [0, 0, 0];
  for (let step = (last?.step ?? 0) + 1; step <= Number(total); step++) {
    writeSync(1, "step " + step + "\\n");
    weights = weights.map((weight, i) => 0.9 * weight + keyedUniform([step, i]));
    const question = { id: "q" + step, text: "x".repeat(2000), answers: ["y"], source: "s" };
    const trajectory = { key: { seed: 1, step, questionId: question.id, sample: 0 }, question, segments: [] };
    const record = { trajectory, score: { reward: weights[0], measures: {} }, advantages: null };
    run.record(step, { metrics: { w0: weights[0], w1: weights[1] }, trajectories: [record, record] });
    if (step % 2 === 0) {
      await run.checkpoint(step, {
        keepLast: 2,
        score: weights[2],
        write: async (to) => {
          writeFileSync(join(to, "ballast.bin"), Buffer.alloc(65536, step));
          await null;
          writeFileSync(join(to, "weights.json"), JSON.stringify(weights));
        },
      });
    }
  }
  run.dispose();
} catch (error) {
  writeSync(1, "error " + JSON.stringify({ name: error.name, message: error.message }) + "\\n");
  process.exit(1);
}
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-crash-"));
  chmodSync(folder, 0o755); // for the test that gives up root's rights
  const modules = JSON.stringify(compileSources(folder, ["run/run.ts", "core/keyed-random.ts"]));
  writeFileSync(join(folder, "child.mjs"), CHILD.replaceAll("MODULES", modules));
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true }));

type Child = ChildProcessByStdio<null, Readable, null>;

function start(path: string, { resume, uid }: { resume: boolean; uid?: number }): Child {
  const parameters = [join(folder, "child.mjs"), path, resume ? "resume" : "new", String(TOTAL_STEPS)];
  return spawn(process.execPath, parameters, {
    stdio: ["ignore", "pipe", "inherit"],
    ...(uid === undefined ? {} : { uid }),
  });
}

/** Lines of a child until it ends, and how it ended. */
async function outcome(child: Child): Promise<{ lines: string[]; code: number | null }> {
  const ended = once(child, "close");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) lines.push(line);
  const [code] = await ended;
  return { lines, code: code as number | null };
}

/** Kills a child when it has begun so many steps, some milliseconds later. Returns whether it was still alive. */
async function killAfter(child: Child, steps: number, delayMs: number): Promise<boolean> {
  const ended = once(child, "close");
  let begun = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    expect(line).toMatch(/^step /);
    if (++begun === steps) {
      await wait(delayMs);
      child.kill("SIGKILL");
    }
  }
  const [, signal] = await ended;
  return signal === "SIGKILL";
}

async function metricsOf(path: string): Promise<unknown[]> {
  const lines: unknown[] = [];
  for await (const { step, metrics } of readMetrics(join(path, "metrics.jsonl"))) lines.push({ step, metrics });
  return lines;
}

function weightsIn(checkpoint: GoodCheckpoint | undefined): number[] {
  return JSON.parse(readFileSync(join(checkpoint?.path ?? "", "weights.json"), "utf8")) as number[];
}

/** By hand: what the child's recursion gives. */
function weightsAt(step: number): number[] {
  let weights = [0, 0, 0];
  for (let i = 1; i <= step; i++) weights = weights.map((weight, j) => 0.9 * weight + keyedUniform([i, j]));
  return weights;
}

test("a run killed at random moments ends with the weights and logs of one that was not", async () => {
  const whole = join(folder, "whole");
  expect((await outcome(start(whole, { resume: false }))).code).toBe(0);

  const path = join(folder, "killed");
  let kills = 0;
  for (let attempt = 0; kills < KILLS; attempt++) {
    if (stepsIn(join(path, "checkpoints")).includes(TOTAL_STEPS)) rmSync(path, { recursive: true });
    const steps = 1 + Math.floor(4 * keyedUniform([SEED, attempt, "steps"]));
    const delayMs = 8 * keyedUniform([SEED, attempt, "delay"]);
    if (await killAfter(start(path, { resume: existsSync(path) }), steps, delayMs)) kills++;

    const { checkpoint, problems } = findLastGoodCheckpoint(join(path, "checkpoints"));
    expect(problems).toEqual([]);
    if (checkpoint) expect(weightsIn(checkpoint)).toEqual(weightsAt(checkpoint.step));
  }
  const { code } = await outcome(start(path, { resume: true }));
  expect(code).toBe(0);

  const [ends, wholeEnds] = [path, whole].map((run) => findLastGoodCheckpoint(join(run, "checkpoints")).checkpoint);
  expect(weightsIn(ends)).toEqual(weightsIn(wholeEnds));
  expect(await metricsOf(path)).toEqual(await metricsOf(whole));
  const trajectories = (run: string) => readFileSync(join(run, "trajectories.jsonl"), "utf8");
  expect(trajectories(path)).toBe(trajectories(whole));
  const best = (run: string) => readFileSync(join(run, "checkpoints/best.json"), "utf8");
  expect(best(path)).toBe(best(whole));
});

test("of two processes that start the same run one is refused, and told who has it", async () => {
  const path = join(folder, "contested");
  const first = start(path, { resume: false });
  await Promise.race([once(first.stdout, "data"), once(first, "exit")]);
  const { lines, code } = await outcome(start(path, { resume: true }));
  expect(code).toBe(1);
  expect(lines[0]).toContain(`in use by process ${first.pid}`);
  const ended = once(first, "close");
  first.kill("SIGKILL");
  await ended;
  expect((await outcome(start(path, { resume: true }))).code).toBe(0);
});

test.skipIf(process.getuid?.() !== 0)("a read-only folder is refused with its path and what to do", async () => {
  const parent = join(folder, "read-only");
  mkdirSync(parent, { mode: 0o555 });
  const { lines } = await outcome(start(join(parent, "run"), { resume: false, uid: 65534 }));
  expect(lines[0]).toContain("RunError");
  expect(lines[0]).toContain(join(parent, "run"));
  expect(lines[0]).toContain("permission is denied");
});
