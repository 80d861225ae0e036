/**
 * Wrong calls, thousands of them, from a fixed seed: whatever JavaScript passes, the process lives and the error has a
 * type of this package. Most values are nearly right, because those reach deepest into libtorch.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  AddonError,
  ArgumentError,
  adamwStep,
  attention,
  backward,
  checkpoint,
  enableGrad,
  fromTypedArray,
  full,
  Generator,
  grad,
  isGradEnabled,
  keep,
  liveTensorCount,
  manualSeed,
  mapFile,
  noGrad,
  Program,
  record,
  setBlasThreads,
  setThreads,
  Tensor,
  TensorScope,
  TorchError,
  tensor,
  tidy,
  UseAfterFreeError,
} from "./index.ts";
import { binding } from "./native.ts";
import { OPERATORS } from "./operators.generated.ts";
import * as operators from "./ops.generated.ts";
import { TensorHandle } from "./tensor-handle.ts";

const SEED = 20221125;
const CALLS_PER_OPERATOR = 32;
const CALLS_PER_MEMBER = 48;
const CALLS_PER_NATIVE = 32;
const REBUILD_EVERY = 256;

/** The address space of x86-64 holds 2^47 bytes: nothing of this size can ever be allocated. */
const GIANT = 2 ** 50;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

// ---------------------------------------------------------------------------------------------- what can be passed

/** Mulberry32. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const next = uniform(SEED);
const chance = (probability: number): boolean => next() < probability;
function pick<T>(values: readonly T[]): T {
  const value = values[Math.floor(next() * values.length)];
  if (value === undefined && values.length === 0) throw new Error("nothing to pick from");
  return value as T;
}

const DTYPES = ["uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "bool", "bfloat16"] as const;
const SHAPES = [[], [0], [1], [2], [3], [2, 3], [3, 2], [3, 3], [2, 3, 4], [2, 2, 3, 3], [0, 3], [2, 0], [1, 1, 1, 1, 1]];

/** Tensors that are hard to bear, made anew from time to time because calls in place change them. */
function makePool(): Tensor[] {
  const pool: Tensor[] = [];
  for (const dtype of DTYPES) {
    for (const shape of SHAPES) {
      if (chance(0.5)) pool.push(full(shape, pick([0, 1, 2]), { dtype }));
    }
  }
  for (const dtype of ["int8", "int16", "int32", "int64"] as const) {
    const lowest = tensor([[INT64_MIN, INT64_MIN], [-1n, 0n]]).div(2n ** BigInt(64 - 8 * { int8: 1, int16: 2, int32: 4, int64: 8 }[dtype]), );
    pool.push(lowest.convert({ dtype }), full([2, 2], -1, { dtype }), full([2], -1, { dtype }));
  }
  pool.push(
    tensor([INT64_MIN, -1n]),
    tensor([INT64_MIN]),
    tensor(INT64_MIN),
    tensor([[0n, 1n, 2n], [5n, -100n, INT64_MAX]]),
    tensor([-100n, BigInt(GIANT)]),
    tensor([1n, 0n]),
    tensor([0n, 1n, 2n]),
    tensor([true, false, true]),
    tensor([[true, false, true], [false, false, true]]),
    tensor([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]),
    tensor([1, 2, 3]).requireGrad(),
    tensor([[1, 2, 3], [4, 5, 6]]).requireGrad(),
    tensor([[1, 2, 3], [4, 5, 6]]).requireGrad().mul(2),
    tensor([1, 2, 3, 4]).narrow(0, 1, 2),
    tensor([[1, 2], [3, 4]]).t(),
    tensor([[1, 2], [3, 4]]).requireGrad().t(),
    full([1], 1).expand([3, 3]),
    full([1], 1, { dtype: "int64" }).expand([2, 3]),
    operators.zeros([2, 3], { device: "meta" }),
    operators.zeros([3], { device: "meta", dtype: "int64" }),
    operators.zeros([GIANT], { device: "meta" }),
    operators.zeros([GIANT, 0]),
    operators.zeros([0, GIANT], { dtype: "int64" }),
    operators.zeros(Array.from({ length: 70 }, () => 1)),
    full([64], 3, { dtype: "int64" }),
    full([40, 40], 0.5),
  );
  return pool;
}

let pool: Tensor[] = [];
let generator = new Generator(1);
const freed = tensor([1, 2]);
freed.dispose();
const freedGenerator = new Generator(1);
freedGenerator.dispose();
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

/** Objects that run code, or fall apart, when they are looked at. */
const hostile: (() => unknown)[] = [
  () => ({}),
  () => Object.create(null),
  () => new Proxy({}, { get: () => 1, has: () => true }),
  () => new Proxy([], {}),
  () => new Proxy([1, 2], { get: (target, key, self) => (key === "length" ? pick([0, 1, 3, 2 ** 31]) : Reflect.get(target, key, self)) }),
  () => revoked,
  () => ({ valueOf: () => 3, toString: () => "float32" }),
  () => ({ get dtype() { return tensor([1]).add(1).dtype; }, get alpha() { return tidy(() => tensor([2]).item()); } }),
  () => ({ get device() { operators.zeros([3, 3]).mm(operators.ones([3, 3])); return "cpu"; } }),
  () => ({ get constructor() { return { name: Symbol("name") }; } }),
  () => ({ length: 3, 0: 1, 1: 2 }),
  () => Object.create(Tensor.prototype),
  () => new Tensor(pick([0, -1, 7, 2 ** 21, Number.MAX_SAFE_INTEGER])),
  () => () => 1,
  () => Symbol("symbol"),
  () => new Date(0),
  () => new Map([[1, 2]]),
  () => [[[]]],
  () => new Float64Array(3),
  () => Promise.resolve(1),
  () => generator,
  () => freed,
];

const plain: readonly unknown[] = [undefined, null, true, "3", "", "cpu", -1, 0, 1.5, Number.NaN, 2 ** 53, 1n, 2n ** 70n, [], [1]];
const anything = (): unknown => (chance(0.5) ? pick(plain) : chance(0.2) ? anyTensor() : pick(hostile)());

const anyTensor = (): Tensor => (chance(0.02) ? freed : pick(pool));
const anyInt = (): number => pick([0, 0, 1, 1, 2, 3, 4, -1, -2, -3, -4, 5, 63, 64, 65, -64, GIANT, GIANT + 1, -GIANT, 2 ** 53 - 1, -(2 ** 53) + 1]);
const anyFloat = (): number => pick([0, 1, -1, 0.5, -0.5, 2, 1e-300, 1e300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]);
const anyScalar = (): unknown => pick([anyFloat, anyInt, () => true, () => false, () => -1n, () => 0n, () => INT64_MIN, () => INT64_MAX])();
const listOf = (make: () => unknown): unknown[] => Array.from({ length: pick([0, 1, 1, 2, 2, 2, 3, 4]) }, make);
const anyList = (make: () => unknown): unknown => {
  const list = listOf(make);
  if (chance(0.05)) list.length += 2; // holes
  return list;
};
const anyShape = (): unknown => (chance(0.4) ? pick(SHAPES) : chance(0.02) ? Array.from({ length: 10_000 }, () => 1) : anyList(anyInt));
const anyEquation = (): string => pick(["ij,jk->ik", "ij,ij->", "ii", "i", "", "->", "...", "ij...,jk->ik", "ij,", ",", "ij->ijk", "ij->ii", "é", "a".repeat(200), "i j -> j i", "..."]);
const sameLength = (): Tensor[] => Array.from({ length: 2 }, anyTensor);

/** By the method of the call writer that takes it. */
const MAKERS: Readonly<Record<string, () => unknown>> = {
  tensor: anyTensor,
  optionalTensor: () => (chance(0.4) ? null : anyTensor()),
  tensors: () => (chance(0.5) ? sameLength() : chance(0.02) ? Array.from({ length: 10_000 }, () => pool[0]) : anyList(anyTensor)),
  tensorsOrNull: () => anyList(() => (chance(0.3) ? null : anyTensor())),
  int: anyInt,
  optionalInt: () => (chance(0.3) ? null : anyInt()),
  ints: () => (chance(0.2) ? anyInt() : anyShape()),
  optionalInts: () => (chance(0.3) ? null : chance(0.2) ? anyInt() : anyShape()),
  float: anyFloat,
  optionalFloat: () => (chance(0.3) ? null : anyFloat()),
  bool: () => chance(0.5),
  optionalBool: () => pick([null, true, false]),
  scalar: anyScalar,
  optionalScalar: () => (chance(0.3) ? null : anyScalar()),
  scalars: () => anyList(anyScalar),
  dtype: () => pick([...DTYPES, "float31"]),
  optionalDtype: () => pick([null, undefined, ...DTYPES]),
  optionalDevice: () => pick([null, undefined, "cpu", "cpu", "meta", "cuda", "cuda:7", "cpu:3", "meta:9", "tpu"]),
  string: anyEquation,
  optionalString: () => pick([null, "floor", "trunc", "ceil", "left", "right"]),
  generator: () => (chance(0.05) ? freedGenerator : generator),
};

// ------------------------------------------------------------------------------------------------------ what happens

class HostileError extends Error {}

const counts = { typed: 0, right: 0, calls: 0 };
const failures: string[] = [];
const outcomes = new Map<string, { typed: number; right: number }>();
let promises: Promise<unknown>[] = [];

/** Where the last call is written down, so that its name outlives the process. */
let journal: { readonly folder: string; readonly file: number } | undefined;

/** One call: right, or wrong with an error of ours; anything else is a failure of the test. */
function attempt(name: string, call: () => unknown): void {
  counts.calls++;
  if (counts.calls % REBUILD_EVERY === 0) rebuild();
  if (journal) writeSync(journal.file, `call ${counts.calls}: ${name}`.padEnd(120).slice(0, 120), 0);
  const outcome = outcomes.get(name) ?? { typed: 0, right: 0 };
  outcomes.set(name, outcome);
  try {
    tidy(() => {
      const result = call();
      if (result instanceof Promise) promises.push(result);
      if (result instanceof Program || result instanceof Generator) result.dispose();
    });
    outcome.right++;
    counts.right++;
  } catch (error) {
    if (isTyped(error)) {
      outcome.typed++;
      counts.typed++;
    } else if (!(error instanceof HostileError)) {
      failures.push(`call ${counts.calls}, ${name}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
  if (!isGradEnabled()) {
    failures.push(`call ${counts.calls}, ${name}: left grad mode off`);
    binding.setGradEnabled(true);
  }
}

function isTyped(error: unknown): boolean {
  const isOurs =
    error instanceof TorchError ||
    error instanceof ArgumentError ||
    error instanceof UseAfterFreeError ||
    error instanceof AddonError;
  return isOurs && error.message.length > 0 && error.message.length < 20_000;
}

function rebuild(): void {
  for (const one of pool) one.dispose();
  const scope = new TensorScope();
  pool = scope.run(makePool).map(keep);
  scope.dispose();
}

// ----------------------------------------------------------------------------------------------- generated operators

interface OperatorCall {
  readonly name: string;
  readonly rows: readonly number[];
  readonly invoke: (self: unknown, values: readonly unknown[]) => unknown;
  readonly isMethod: boolean;
  /** The call writer's methods by position, and by option. */
  readonly positions: readonly (readonly string[])[];
  readonly options: Readonly<Record<string, string>> | undefined;
}

/** What a generated function takes, read from its own text: each argument is written by one call of the writer. */
function describeOperator(name: string, operator: (...values: unknown[]) => unknown, isMethod: boolean): OperatorCall {
  const source = operator.toString();
  const rows = [...source.matchAll(/\.begin\((\d+)\)/g)].map((match) => Number(match[1]));
  const header = source.slice(source.indexOf("(") + 1, source.indexOf(") {"));
  const names = header === "" ? [] : header.split(/,\s*(?![^{]*\})/).map((parameter) => /^\w+/.exec(parameter)?.[0] ?? "");
  const written = [...source.matchAll(/\.(\w+)\(([\w.]+)(?: \?\? [^,]+)?, "\w+"\)/g)];
  const positions = names
    .filter((parameter) => parameter !== "options")
    .map((parameter) => written.filter((match) => match[2] === parameter).map((match) => match[1] ?? ""));
  const options = written
    .filter((match) => match[2]?.startsWith("options."))
    .map((match) => [match[2]?.slice("options.".length), match[1]] as const);
  const invoke = (self: unknown, values: readonly unknown[]): unknown => Reflect.apply(operator, self, values);
  return { name, rows, invoke, isMethod, positions, options: names.includes("options") ? Object.fromEntries(options) : undefined };
}

function isFunction(value: unknown): value is (...values: unknown[]) => unknown {
  return typeof value === "function";
}

function describeOperators(): OperatorCall[] {
  const methods = Object.getOwnPropertyNames(operators.TensorOps.prototype)
    .filter((name) => name !== "constructor")
    .map((name) => [name, Reflect.get(operators.TensorOps.prototype, name), true] as const);
  const functions = Object.entries(operators)
    .filter(([name]) => name !== "TensorOps" && name !== "fromFile")
    .map(([name, value]) => [name, value as unknown, false] as const);
  return [...methods, ...functions].flatMap(([name, value, isMethod]) =>
    isFunction(value) ? [describeOperator(name, value, isMethod)] : [],
  );
}

function wrongOptions(kinds: Readonly<Record<string, string>>, rate: number): unknown {
  if (chance(rate)) return anything();
  return Object.fromEntries(
    Object.entries(kinds).flatMap(([name, kind]) => {
      if (kind !== "generator" && chance(0.5)) return [];
      return [[name, chance(rate) ? anything() : MAKERS[kind]?.()]];
    }),
  );
}

function callOperator(operator: OperatorCall): void {
  // One call in four is wrong in what JavaScript can see, the others in what only libtorch can.
  const rate = chance(0.25) ? 0.4 : 0;
  attempt(operator.name, () => {
    const values: unknown[] = operator.positions.map((kinds) => (chance(rate) ? anything() : MAKERS[pick(kinds)]?.()));
    if (operator.options && !chance(rate)) values.push(wrongOptions(operator.options, rate));
    if (chance(rate * 0.3)) values.length = Math.floor(next() * values.length);
    if (chance(rate * 0.3)) values.push(anything(), anything());
    return operator.invoke(operator.isMethod && !chance(rate * 0.5) ? anyTensor() : anything(), values);
  });
}

// --------------------------------------------------------------------------------------------------------- the tests

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "zerosearch-fuzz-"));
  const path = join(folder, "last-call");
  writeFileSync(path, "");
  journal = { folder, file: openSync(path, "r+") };
  // Should this process crash, its end of the pipe closes and the journal is still there: then it is printed.
  const watch = `process.stdin.resume().on("end", () => {
    try { console.error("the fuzz test crashed, seed ${SEED}, at", require("fs").readFileSync(${JSON.stringify(path)}, "utf8").trim()); } catch {}
  })`;
  spawn(process.execPath, ["-e", watch], { stdio: ["pipe", "ignore", "inherit"] }).unref();
  rebuild();
});

afterAll(() => {
  for (const one of pool) one.dispose();
  generator.dispose();
  if (!journal) return;
  closeSync(journal.file);
  rmSync(journal.folder, { recursive: true });
});

test("every operator of the table is called", () => {
  const rows = new Set(describeOperators().flatMap((operator) => operator.rows));
  const missing = OPERATORS.filter((_, row) => !rows.has(row)).map(({ name }) => name);
  expect(missing).toEqual(["aten::from_file"]);
});

test("wrong calls of operators", () => {
  const calls = describeOperators();
  for (let round = 0; round < CALLS_PER_OPERATOR; round++) for (const operator of calls) callOperator(operator);
  expect(failures).toEqual([]);
});
