import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setThreads } from "@zerosearch/torch";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Run } from "./run.ts";
import { versions } from "./versions.ts";

setThreads(1);

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-whole-run-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const VERSIONS = versions();

function open(resume: boolean): Run {
  return new Run({ path: join(folder, "run"), config: { lr: 1 }, resume, seed: 1, versions: VERSIONS });
}

function work(run: Run, step: number): void {
  run.record(step, { metrics: { reward: step / 10 }, trajectories: [] });
}

const save = (run: Run, step: number): Promise<string> =>
  run.checkpoint(step, { keepLast: 5, write: (to) => writeFileSync(join(to, "weights"), `of ${step}`) });

const stepsLogged = (run: Run): number[] =>
  readFileSync(run.directory.file("metrics"), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { step: number }).step);

test("versions name what computes", () => {
  expect(VERSIONS.zerosearch).toMatch(/^\d+\.\d+\.\d+$/);
  expect(VERSIONS.node).toBe(process.versions.node);
  expect(VERSIONS.libtorch.version).toMatch(/^\d+\.\d+/);
  expect(VERSIONS.libtorch.threads).toBe(1);
});

test("a resumed run has every step once", async () => {
  {
    using run = open(false);
    expect(run.lastCheckpoint).toBeUndefined();
    for (const step of [1, 2]) work(run, step);
    await save(run, 2);
    work(run, 3);
    appendFileSync(run.directory.file("metrics"), '{"step":4,"ti');
  }
  using run = open(true);
  expect(run.lastCheckpoint?.step).toBe(2);
  expect(run.problems).toEqual([]);
  for (const step of [3, 4]) work(run, step);
  expect(stepsLogged(run)).toEqual([1, 2, 3, 4]);
});

test("behind a damaged checkpoint the one before is taken, its logs with it, and the damage is told", async () => {
  let damaged: string;
  {
    using run = open(false);
    work(run, 1);
    await save(run, 1);
    work(run, 2);
    damaged = await save(run, 2);
  }
  truncateSync(join(damaged, "weights"), 1);
  using run = open(true);
  expect(run.lastCheckpoint?.step).toBe(1);
  expect(run.problems).toHaveLength(1);
  expect(stepsLogged(run)).toEqual([1]);
});

test("with every checkpoint damaged nothing is thrown away", async () => {
  {
    using run = open(false);
    work(run, 1);
    truncateSync(join(await save(run, 1), "weights"), 1);
  }
  expect(() => open(true)).toThrow(/none of the checkpoints in .* is whole:\n {2}.*weights has 1 bytes/);
  expect(readFileSync(join(folder, "run/metrics.jsonl"), "utf8")).toContain('"step":1');
  expect(() => open(true)).toThrow(/is whole/); // and the folder is not left locked
});

test("a log that lost its end is an error, not a gap", async () => {
  {
    using run = open(false);
    work(run, 1);
    await save(run, 1);
  }
  truncateSync(join(folder, "run/metrics.jsonl"), 2);
  expect(() => open(true)).toThrow(/metrics\.jsonl has 2 bytes/);
});
