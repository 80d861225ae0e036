import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { configDifference } from "./config-difference.ts";
import { RunDirectory, type RunDirectoryOptions } from "./run-directory.ts";
import type { Versions } from "./versions.ts";

const VERSIONS: Versions = {
  zerosearch: "0.1.0",
  node: "20.0.0",
  libtorch: { version: "2.0.0", cudaDevices: 0, blas: "", products: "avx2", threads: 1 },
  platform: "linux",
  processor: "one",
  cores: 1,
};
const CONFIG = { actor: { learningRate: 1e-6 }, steps: 10, wandbApiKey: "sk-very-secret" };
/** Above what Linux gives to processes (2^22), so no process has it. */
const DEAD_PID = 2 ** 22 + 1;

let parent = "";
let path = "";
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "zerosearch-run-"));
  path = join(parent, "first");
});
afterEach(() => rmSync(parent, { recursive: true }));

function open(options: Partial<RunDirectoryOptions> = {}): RunDirectory {
  return new RunDirectory({ path, config: CONFIG, resume: false, seed: 3, versions: VERSIONS, ...options });
}

function lockOf(holder: object): void {
  writeFileSync(join(path, "run.lock"), JSON.stringify(holder));
}

test("a new run folder holds the configuration without secrets, and what the run was begun with", () => {
  using run = open();
  expect(run.isResumed).toBe(false);
  const config = readFileSync(run.file("config"), "utf8");
  expect(JSON.parse(config)).toEqual({ ...CONFIG, wandbApiKey: "[redacted]" });
  expect(JSON.parse(readFileSync(run.file("facts"), "utf8"))).toEqual(run.facts);
  expect(run.facts).toMatchObject({ format: 1, seed: 3, versions: VERSIONS });
});

test("a resumed run keeps its identity and lets others in when it is done", () => {
  const first = open();
  first.dispose();
  expect(readdirSync(path).sort()).toEqual(["config.json", "run.json"]);
  using again = open({ resume: true, config: { ...CONFIG, wandbApiKey: "another key" } });
  expect(again.isResumed).toBe(true);
  expect(again.facts.id).toBe(first.facts.id);
});

test("another configuration is refused with every difference shown", () => {
  open().dispose();
  const config = { actor: { learningRate: 2e-6, clip: 0.2 }, wandbApiKey: "x" };
  expect(() => open({ resume: true, config })).toThrow(
    "another configuration:\n  actor.clip: (not set) → 0.2\n  actor.learningRate: 0.000001 → 0.000002\n  steps: 10 → (not set)\n",
  );
  open({ resume: true }).dispose();
});

test("a run that is there is not continued unasked, and one that is not there is not resumed", () => {
  expect(() => open({ resume: true })).toThrow(/there is no run to resume at .*first: check the name/);
  open().dispose();
  expect(() => open()).toThrow(/continue it with --resume, or choose another name/);
});

test("a run that died before it had written its configuration is begun anew", () => {
  mkdirSync(path);
  writeFileSync(join(path, "config.json.writing-17"), "{");
  using run = open({ resume: true });
  expect(run.isResumed).toBe(false);
});

test("a folder with other things in it is not taken for a run", () => {
  mkdirSync(path);
  writeFileSync(join(path, "thesis.tex"), "");
  expect(() => open()).toThrow(/is no run folder: it holds thesis\.tex/);
});

test("a folder in use by this process is refused", () => {
  using _ = open();
  expect(() => open({ resume: true })).toThrow(`in use by process ${process.pid}`);
});

test("the lock of a process that is gone is taken over", () => {
  open().dispose();
  lockOf({ pid: DEAD_PID, host: hostname(), startTicks: null });
  open({ resume: true }).dispose();
});

test.skipIf(process.platform !== "linux")("a living process with the number of a dead one holds no lock", () => {
  open().dispose();
  lockOf({ pid: process.pid, host: hostname(), startTicks: "1" });
  open({ resume: true }).dispose();
});

test("the lock of another machine is respected, and an unreadable one is not guessed at", () => {
  open().dispose();
  lockOf({ pid: 5, host: "elsewhere", startTicks: null });
  expect(() => open({ resume: true })).toThrow(/in use by process 5 on elsewhere.*delete the file/);
  writeFileSync(join(path, "run.lock"), "");
  expect(() => open({ resume: true })).toThrow(/names no process/);
});

test("a lock that somebody else took meanwhile is left to them", () => {
  const run = open();
  lockOf({ pid: 5, host: "elsewhere", startTicks: null });
  run.dispose();
  expect(readdirSync(path)).toContain("run.lock");
});

test("a damaged configuration and a run of another format are told", () => {
  open().dispose();
  writeFileSync(join(path, "run.json"), '{"format": 99}');
  expect(() => open({ resume: true })).toThrow(/run\.json has format 99, this version reads 1/);
  writeFileSync(join(path, "config.json"), "{");
  expect(() => open({ resume: true })).toThrow(/config\.json is no JSON/);
});

test("a path through a file is an error with the path and what to do", () => {
  writeFileSync(path, "");
  expect(() => open({ path: join(path, "inner") })).toThrow(/inner: .*choose another folder \(ENOTDIR\)/);
});

test("lists and nested settings are compared by value", () => {
  const before = { a: [1, 2], b: { c: null, d: {} } };
  expect(configDifference(before, structuredClone(before))).toEqual([]);
  expect(configDifference(before, { a: [2, 1], b: { c: null, d: { e: 1 } } })).toEqual([
    "a: [1,2] → [2,1]",
    "b.d: {} → (not set)",
    "b.d.e: (not set) → 1",
  ]);
});
