/**
 * Wrong calls, thousands of them, from a fixed seed: whatever JavaScript passes, the process lives and the error has a
 * type of this package. Most values are nearly right, because those reach deepest into libtorch.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
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
  setThreads,
  Tensor,
  TensorScope,
  TorchError,
  tensor,
  tidy,
  UseAfterFreeError,
} from "./index.ts";
import { binding, call } from "./native.ts";
import { OPERATORS } from "./operators.generated.ts";
import * as operators from "./ops.generated.ts";
import { TensorHandle } from "./tensor-handle.ts";

const SEED = 20221125;
const CALLS_PER_OPERATOR = 100;
const CALLS_PER_MEMBER = 200;
const CALLS_PER_NATIVE = 100;
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

const DTYPES = [
  "uint8",
  "int8",
  "int16",
  "int32",
  "int64",
  "float16",
  "float32",
  "float64",
  "bool",
  "bfloat16",
] as const;
const SHAPES = [
  [],
  [0],
  [1],
  [2],
  [3],
  [2, 3],
  [3, 2],
  [3, 3],
  [2, 3, 4],
  [2, 2, 3, 3],
  [0, 3],
  [2, 0],
  [1, 1, 1, 1, 1],
];

/** Tensors that are hard to bear, made anew from time to time because calls in place change them. */
function makePool(): Tensor[] {
  const pool: Tensor[] = [];
  for (const dtype of DTYPES) {
    for (const shape of SHAPES) {
      if (chance(0.5)) pool.push(full(shape, pick([0, 1, 2]), { dtype }));
    }
  }
  for (const dtype of ["int8", "int16", "int32", "int64"] as const) {
    const lowest = tensor([
      [INT64_MIN, INT64_MIN],
      [-1n, 0n],
    ]).div(2n ** BigInt(64 - 8 * { int8: 1, int16: 2, int32: 4, int64: 8 }[dtype]));
    pool.push(lowest.convert({ dtype }), full([2, 2], -1, { dtype }), full([2], -1, { dtype }));
  }
  pool.push(
    tensor([INT64_MIN, -1n]),
    tensor([INT64_MIN]),
    tensor(INT64_MIN),
    tensor([
      [0n, 1n, 2n],
      [5n, -100n, INT64_MAX],
    ]),
    tensor([-100n, BigInt(GIANT)]),
    tensor([1n, 0n]),
    tensor([0n, 1n, 2n]),
    tensor([true, false, true]),
    tensor([
      [true, false, true],
      [false, false, true],
    ]),
    tensor([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]),
    tensor([1, 2, 3]).requireGrad(),
    tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]).requireGrad(),
    tensor([
      [1, 2, 3],
      [4, 5, 6],
    ])
      .requireGrad()
      .mul(2),
    tensor([1, 2, 3, 4]).narrow(0, 1, 2),
    tensor([
      [1, 2],
      [3, 4],
    ]).t(),
    tensor([
      [1, 2],
      [3, 4],
    ])
      .requireGrad()
      .t(),
    full([1], 1).expand([3, 3]),
    full([1], 1, { dtype: "int64" }).expand([2, 3]),
    operators.zeros([2, 3], { device: "meta" }),
    operators.zeros([3], { device: "meta", dtype: "int64" }),
    operators.zeros([GIANT], { device: "meta" }),
    operators.zeros([2 ** 16, 0]),
    operators.zeros([0, 2 ** 16], { dtype: "int64" }),
    operators.zeros(Array.from({ length: 70 }, () => 1)),
    full([64], 3, { dtype: "int64" }),
    full([40, 40], 0.5),
  );
  return pool;
}

let pool: Tensor[] = [];
let owned: ReadonlySet<Tensor> = new Set();
const generator = new Generator(1);
const freed = tensor([1, 2]);
freed.dispose();
const freedGenerator = new Generator(1);
freedGenerator.dispose();
const program = tidy(() => record((input) => [input.mul(2)], [tensor([1, 2])]).program);
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

/** Objects that run code, or fall apart, when they are looked at. */
const hostile: (() => unknown)[] = [
  () => ({}),
  () => Object.create(null),
  () => new Proxy({}, { get: () => 1, has: () => true }),
  () => new Proxy([], {}),
  () =>
    new Proxy([1, 2], {
      get: (target, key, self) => (key === "length" ? pick([0, 1, 3, 2 ** 31]) : Reflect.get(target, key, self)),
    }),
  () => revoked,
  () => ({ valueOf: () => 3, toString: () => "float32" }),
  () => ({
    get dtype() {
      return tidy(() => tensor([1]).add(1).dtype);
    },
    get alpha() {
      return tidy(() => tensor([2]).item());
    },
  }),
  () => ({
    get device() {
      return tidy(() => operators.zeros([3, 3]).mm(operators.ones([3, 3])).device);
    },
  }),
  () => ({
    get constructor() {
      return { name: Symbol("name") };
    },
  }),
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

const plain: readonly unknown[] = [
  undefined,
  null,
  true,
  "3",
  "",
  "cpu",
  -1,
  0,
  1.5,
  Number.NaN,
  2 ** 53,
  1n,
  2n ** 70n,
  [],
  [1],
];
const anything = (): unknown => (chance(0.5) ? pick(plain) : chance(0.2) ? anyTensor() : pick(hostile)());

const anyTensor = (): Tensor => (chance(0.02) ? freed : pick(pool));
const anyInt = (): number =>
  pick([
    0,
    0,
    1,
    1,
    2,
    3,
    4,
    -1,
    -2,
    -3,
    -4,
    5,
    63,
    64,
    65,
    -64,
    GIANT,
    GIANT + 1,
    -GIANT,
    2 ** 53 - 1,
    -(2 ** 53) + 1,
  ]);
const anyFloat = (): number =>
  pick([0, 1, -1, 0.5, -0.5, 2, 1e-300, 1e300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]);
const anyScalar = (): unknown =>
  pick([anyFloat, anyInt, () => true, () => false, () => -1n, () => 0n, () => INT64_MIN, () => INT64_MAX])();
const listOf = (make: () => unknown): unknown[] => Array.from({ length: pick([0, 1, 1, 2, 2, 2, 3, 4]) }, make);
const anyList = (make: () => unknown): unknown => {
  const list = listOf(make);
  if (chance(0.05)) list.length += 2; // holes
  return list;
};
const anyShape = (): unknown =>
  chance(0.4) ? pick(SHAPES) : chance(0.02) ? Array.from({ length: 10_000 }, () => 1) : anyList(anyInt);
const anyEquation = (): string =>
  pick([
    "ij,jk->ik",
    "ij,ij->",
    "ii",
    "i",
    "",
    "->",
    "...",
    "ij...,jk->ik",
    "ij,",
    ",",
    "ij->ijk",
    "ij->ii",
    "é",
    "a".repeat(200),
    "i j -> j i",
    "...",
  ]);
const sameLength = (): Tensor[] => Array.from({ length: 2 }, anyTensor);

/** By the method of the call writer that takes it. */
const MAKERS: Readonly<Record<string, () => unknown>> = {
  tensor: anyTensor,
  optionalTensor: () => (chance(0.4) ? null : anyTensor()),
  tensors: () =>
    chance(0.5) ? sameLength() : chance(0.02) ? Array.from({ length: 10_000 }, () => pool[0]) : anyList(anyTensor),
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

const counts = { typed: 0, right: 0, calls: 0 };
const failures: string[] = [];
const promises: Promise<unknown>[] = [];

/** Where the last call is written down, so that its name outlives the process. */
let journal: { readonly folder: string; readonly file: number; readonly watcher: ChildProcess } | undefined;

/** One call: right, or wrong with an error of ours that leaves nothing behind; anything else fails the test. */
function attempt(name: string, call: () => unknown): void {
  counts.calls++;
  if (counts.calls % REBUILD_EVERY === 0) rebuild();
  if (journal) writeSync(journal.file, `call ${counts.calls}: ${name}`.padEnd(120).slice(0, 120), 0);
  const before = liveTensorCount();
  try {
    if (chance(0.5)) discard(call());
    else tidy(() => discard(call()));
    counts.right++;
  } catch (error) {
    if (isTyped(error)) counts.typed++;
    else if (!isOwnFault(error)) fail(name, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  const after = liveTensorCount();
  if (after !== before) fail(name, `left ${after - before} tensors behind`);
  if (!isGradEnabled()) fail(name, "left the grad mode off");
  binding.setGradEnabled(true);
}

function fail(name: string, reason: string): void {
  failures.push(`call ${counts.calls}, ${name}: ${reason}`);
}

/** Frees what a call gave, however it is packed; the pool's own tensors, which calls in place return, stay. */
function discard(result: unknown): void {
  if (result instanceof Promise) promises.push(result.then(discard));
  else if (result instanceof Tensor) disposeUnlessOwn(result);
  else if (result instanceof Program || result instanceof Generator || result instanceof TensorScope) result.dispose();
  else if (Array.isArray(result)) for (const element of result) discard(element);
  else if (typeof result === "object" && result !== null && "program" in result) discard(Object.values(result));
}

function disposeUnlessOwn(result: Tensor): void {
  if (!owned.has(result)) result.dispose();
}

function isTyped(error: unknown): boolean {
  const isOurs =
    error instanceof TorchError ||
    error instanceof ArgumentError ||
    error instanceof UseAfterFreeError ||
    error instanceof AddonError;
  return isOurs && error.message.length > 0;
}

/** What a hostile object throws when it is looked at is its own, and passes through. */
function isOwnFault(error: unknown): boolean {
  return (
    error instanceof TypeError && /on a proxy that has been revoked$|^Cannot read private member/.test(error.message)
  );
}

function rebuild(): void {
  for (const one of pool) one.dispose();
  using scope = new TensorScope();
  pool = scope.run(() => makePool().map(keep));
  owned = new Set(pool);
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
  const names =
    header === "" ? [] : header.split(/,\s*(?![^{]*\})/).map((parameter) => /^\w+/.exec(parameter)?.[0] ?? "");
  const written = [...source.matchAll(/\.(\w+)\(([\w.]+)(?: \?\? [^,]+)?, "\w+"\)/g)];
  const positions = names
    .filter((parameter) => parameter !== "options")
    .map((parameter) => written.filter((match) => match[2] === parameter).map((match) => match[1] ?? ""));
  const options = written
    .filter((match) => match[2]?.startsWith("options."))
    .map((match) => [match[2]?.slice("options.".length), match[1]] as const);
  const invoke = (self: unknown, values: readonly unknown[]): unknown => Reflect.apply(operator, self, values);
  return {
    name,
    rows,
    invoke,
    isMethod,
    positions,
    options: names.includes("options") ? Object.fromEntries(options) : undefined,
  };
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

// ------------------------------------------------------------------------------------------ what is written by hand

/** Calls a function with whatever the types forbid. */
function loosely(callee: (...values: never[]) => unknown, ...values: readonly unknown[]): unknown {
  return Reflect.apply(callee, undefined, values);
}

/** The same for a member of {@link Tensor}, mostly of a tensor. */
function member(name: keyof Tensor, ...values: readonly unknown[]): unknown {
  const self = chance(0.05) ? freed : anyTensor();
  const callee: unknown = Reflect.get(Tensor.prototype, name, self);
  return isFunction(callee) ? Reflect.apply(callee, self, values) : callee;
}

const anyIndex = (): unknown =>
  pick([
    anyInt,
    () => null,
    () => "...",
    anyTensor,
    () => [anyInt(), anyInt(), anyInt()],
    () => [null, null],
    anything,
  ])();
const nested = (depth: number): unknown =>
  depth === 0 ? pick([1, 2n, true, "3", null, 2n ** 70n]) : listOf(() => nested(chance(0.9) ? depth - 1 : 0));
const anyOptions = (): unknown => wrongOptions({ dtype: "optionalDtype", device: "optionalDevice" }, 0.2);
const anyGradOptions = (): unknown =>
  chance(0.3)
    ? anything()
    : { retainGraph: pick([true, false, 1]), createGraph: chance(0.3), allowUnused: chance(0.5) };
const anyArray = (): unknown =>
  pick([
    () => new Float32Array(pick([0, 1, 6])),
    () => new Uint16Array(2),
    () => new BigInt64Array(1),
    () => new BigUint64Array(1),
    () => new Uint8ClampedArray(4),
    () => new DataView(new ArrayBuffer(8)),
    anything,
  ])();
const someBody = (): unknown =>
  pick([
    anything,
    () =>
      (...inputs: Tensor[]) =>
        inputs.filter(isTensor).map((input) => input.mul(2)),
    () => (input: unknown) => isTensor(input) && [input.item()],
    () => (input: unknown) => isTensor(input) && [input, tensor([3]), input.add_(1)],
    () => (input: unknown) => isTensor(input) && record(() => [input], []).outputs,
    () => (input: unknown) => isTensor(input) && checkpoint((inner: Tensor) => [inner.sum([0])], [input]),
    () => async (input: unknown) => input,
    () => (input: unknown) => isTensor(input) && input.dispose(),
    () => () => [operators.rand([2], { generator })],
    () => () => {
      throw new ArgumentError("thrown by a body");
    },
  ])();
const isTensor = (value: unknown): value is Tensor => value instanceof Tensor;
/** Copies for calls that may dispose of their inputs. */
const someInputs = (): unknown => (chance(0.3) ? anything() : [tensor([1, 2]).requireGrad(chance(0.5))]);

const members: Readonly<Record<string, () => unknown>> = {
  "Tensor, a property": () =>
    member(pick(["shape", "strides", "ndim", "numel", "dtype", "device", "requiresGrad", "isLeaf", "isDisposed"])),
  "new Tensor": () => Reflect.construct(Tensor, [pick(plain)]),
  size: () => member("size", pick([anyInt, anything])()),
  requireGrad: () => member("requireGrad", pick([true, 1, null, "yes"])),
  grad: () => member("grad"),
  setGrad: () => member("setGrad", pick([anyTensor, anything])()),
  to: () => member("to", pick([anything, anyOptions, MAKERS.optionalDevice ?? anything])()),
  at: () => member("at", ...listOf(anyIndex)),
  item: () => member("item"),
  toTypedArray: () => member("toTypedArray"),
  asTypedArray: () => member("asTypedArray"),
  toArray: () => member("toArray"),
  toString: () => member("toString"),
  fromTypedArray: () => loosely(fromTypedArray, anyArray(), anyShape(), anyOptions()),
  tensor: () => loosely(tensor, chance(0.2) ? anything() : nested(pick([0, 1, 2, 3])), anyOptions()),
  full: () => loosely(full, anyShape(), anyScalar(), anyOptions()),
  "new Generator": () =>
    Reflect.construct(Generator, [pick(plain), pick(["cpu", "cuda", "meta", "cuda:3", null, 7n, {}])]),
  setState: () => generator.setState(chance(0.3) ? (anything() as Tensor) : anyTensor()),
  manualSeed: () => loosely(manualSeed, pick(plain), pick(["cuda", "meta", "cpu:3", null, 7n, {}])),
  record: () => inScope(() => loosely(record, someBody(), someInputs())),
  "new Program": () => Reflect.construct(Program, [pick(plain)]),
  "Program.run": () =>
    loosely(program.run.bind(program), pick([anything, () => [anyTensor()], () => [anyTensor(), freed]])()),
  "Program.runSync": () => loosely(program.runSync.bind(program), pick([anything, () => [anyTensor()], () => []])()),
  checkpoint: () => inScope(() => loosely(checkpoint, someBody(), someInputs())),
  backward: () =>
    loosely(backward, pick([anyTensor, anything])(), pick([undefined, anyTensor(), anything()]), anyGradOptions()),
  "grad, the function": () =>
    loosely(grad, pick([anyTensor, anything])(), pick([() => listOf(anyTensor), anything])(), null, anyGradOptions()),
  noGrad: () => loosely(noGrad, pick([anything, () => async () => 1])()),
  enableGrad: () => loosely(enableGrad, pick([anything, () => async () => 1])()),
  tidy: () => loosely(tidy, pick([anything, () => async () => 1])()),
  "TensorScope.run": () => {
    using scope = new TensorScope();
    return loosely(scope.run.bind(scope), pick([anything, () => async () => 1])());
  },
  "TensorScope.add": () => {
    using scope = new TensorScope();
    return loosely(scope.add.bind(scope), pick([() => freed, () => pick(plain), () => tensor([1])])());
  },
  keep: () => loosely(keep, pick([() => freed, () => pick(plain)])()),
  mapFile: () =>
    loosely(mapFile, pick(["", "/", "/nowhere/file", "/dev/null", "a\0b", "x".repeat(5000), null, 3, {}, 1n])),
  setThreads: () => loosely(setThreads, pick([0, -1, 4097, 1.5, Number.NaN, "2", null, undefined, {}, 2n, GIANT])),
  adamwStep: () =>
    adamwStep(
      { parameters: sameLength(), gradients: sameLength(), firstMoments: sameLength(), secondMoments: sameLength() },
      {
        step: pick([0, 1, 2.5, Number.NaN, GIANT]),
        learningRate: anyFloat(),
        beta1: anyFloat(),
        beta2: 0.9,
        epsilon: anyFloat(),
        weightDecay: pick([0, 0.1]),
      },
    ),
  attention: () =>
    attention(anyTensor(), anyTensor(), anyTensor(), {
      isCausal: chance(0.5),
      ...(chance(0.5) ? { mask: anyTensor() } : {}),
      ...(chance(0.5) ? { scale: anyFloat() } : {}),
    }),
};

/** For calls whose inputs are made for them. */
function inScope(call: () => unknown): unknown {
  using scope = new TensorScope();
  return scope.run(() => discard(call()));
}

// ------------------------------------------------------------------------------------------------ the native functions

const nativeValues: readonly (() => unknown)[] = [
  anything,
  () =>
    pick([
      0,
      1,
      2,
      -1,
      1.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      2 ** 31,
      2 ** 32 + 1,
      -(2 ** 31),
      GIANT,
      257,
      3584,
      65_535,
    ]),
  () => pick([true, false]),
  () => new Uint8Array(8),
  () => listOf(() => pick([0, 1, 7, -1, 2 ** 32, "x", null, Number.NaN])),
  () => listOf(() => TensorHandle.handleOf(anyTensor())),
  () => TensorHandle.handleOf(anyTensor()),
  () => "aten::add",
];

/** What a native function made, by its name. */
const nativeCleanUp: Readonly<Record<string, (made: unknown) => void>> = {
  fromBytes: (made) => binding.release(made as number),
  gradOf: (made) => binding.release(made as number),
  generatorState: (made) => binding.release(made as number),
  createGenerator: (made) => binding.releaseGenerator(made as number),
  recordEnd: (made) => binding.releaseProgram(made as number),
  grad: (made) => (made as number[]).map((handle) => binding.release(handle)),
  checkpointEnd: (made) => (made as number[]).map((handle) => binding.release(handle)),
  setGradEnabled: () => binding.setGradEnabled(true),
  programRunSync: (made) => (made as number[]).map((handle) => binding.release(handle)),
};

/** Right calls of these would take the ground from under the test. */
const NOT_WITH_RIGHT_VALUES = new Set(["release", "releaseMany", "setThreads", "setErrorFactory", "setScratch"]);

function callNative(name: string, native: (...values: unknown[]) => unknown): void {
  attempt(`native ${name}`, () => {
    const makers = NOT_WITH_RIGHT_VALUES.has(name)
      ? [() => pick(["x", null, -1, Number.NaN, {}, GIANT, 1.5])]
      : nativeValues;
    const values = Array.from({ length: pick([0, 1, 2, 3, 4, 5, 6, 9]) }, () => pick(makers)());
    if (name === "call")
      call.room(16).set(Array.from({ length: 16 }, () => pick([0, 1, 2, -1, 0.5, Number.NaN, GIANT])));
    try {
      const made = native(...values);
      nativeCleanUp[name]?.(made);
    } finally {
      binding.recordAbort();
    }
  });
}

// --------------------------------------------------------------------------------------------------------- the tests

const liveAtFirst = liveTensorCount();

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "zerosearch-fuzz-"));
  const path = join(folder, "last-call");
  writeFileSync(path, "");
  // Should this process crash, its end of the pipe closes while the journal is still there: then it is printed.
  const script = `process.stdin.resume().on("end", () => {
    const { existsSync, readFileSync, rmSync } = require("fs");
    const path = ${JSON.stringify(path)};
    if (existsSync(path)) console.error("crashed, seed ${SEED}, at", readFileSync(path, "utf8"));
    rmSync(${JSON.stringify(folder)}, { recursive: true, force: true });
  })`;
  const watcher = spawn(process.execPath, ["-e", script], { stdio: ["pipe", "ignore", "inherit"] });
  watcher.unref();
  journal = { folder, file: openSync(path, "r+"), watcher };
  // libtorch warns on the standard error of much that is done here. The lowest free descriptor is the next one opened.
  closeSync(2);
  openSync(join(folder, "warnings"), "w");
  rebuild();
});

afterAll(() => {
  if (!journal) return;
  closeSync(journal.file);
  rmSync(journal.folder, { recursive: true, force: true });
  journal.watcher.stdin?.end();
});

test("every operator of the table is called", () => {
  const rows = new Set(describeOperators().flatMap((operator) => operator.rows));
  const missing = OPERATORS.filter((_, row) => !rows.has(row)).map(({ name }) => name);
  expect(missing).toEqual(["aten::from_file"]);
});

test("wrong calls of anything throw errors of this package, and leave no tensor behind", {
  timeout: 40_000,
}, async () => {
  const calls = describeOperators();
  for (let round = 0; round < CALLS_PER_OPERATOR; round++) for (const operator of calls) callOperator(operator);
  for (let round = 0; round < CALLS_PER_MEMBER; round++) {
    for (const [name, call] of Object.entries(members)) attempt(name, call);
  }
  for (let round = 0; round < CALLS_PER_NATIVE; round++) {
    for (const [name, native] of Object.entries(binding)) if (isFunction(native)) callNative(name, native);
  }
  await Promise.allSettled(promises);
  for (const one of pool) one.dispose();
  expect(failures).toEqual([]);
  expect(counts.typed).toBeGreaterThanOrEqual(5000);
  expect(liveTensorCount()).toBe(liveAtFirst);
});

test("the lowest integer over -1 is refused instead of ending the process, in a replay too", () => {
  using scope = new TensorScope();
  scope.run(() => {
    for (const dtype of ["int32", "int64"] as const) {
      const lowest = tensor([dtype === "int32" ? -(2n ** 31n) : INT64_MIN, 5n]).convert({ dtype });
      const ones = tensor([-1n, 1n]).convert({ dtype });
      expect(() => lowest.divRounded(ones, { roundingMode: "trunc" })).toThrow(ArgumentError);
      expect(() => lowest.divRounded(ones, { roundingMode: "floor" })).toThrow(ArgumentError);
      expect(() => lowest.remainder(ones)).toThrow(ArgumentError);
      expect(() => lowest.remainder(-1n)).toThrow(ArgumentError);
      expect(lowest.flip([0]).remainder(ones).toArray()).toEqual(dtype === "int32" ? [0, 0] : [0n, 0n]);
      const divide = record((a, b) => [a.divRounded(b, { roundingMode: "trunc" })], [ones, ones.neg()]).program;
      expect(() => divide.runSync([lowest, ones])).toThrow(ArgumentError);
      divide.dispose();
    }
    // A scalar is cut to the tensor's dtype, here to -1.
    expect(() =>
      tensor([-(2n ** 31n)])
        .convert({ dtype: "int32" })
        .remainder(INT64_MAX),
    ).toThrow(ArgumentError);
    expect(() => operators.arange(0, INT64_MIN, -1)).toThrow(ArgumentError);
  });
});

test("a view is not split into more tensors than may be alive, and into any smaller number", () => {
  using scope = new TensorScope();
  scope.run(() => {
    const nothing = operators.zeros([GIANT, 0]);
    expect(() => nothing.unbind()).toThrow(ArgumentError);
    expect(() => nothing.split(1)).toThrow(ArgumentError);
    expect(() => operators.zeros([0]).chunk(2 ** 40)).toThrow(ArgumentError);
    const parts = operators.arange(0, 9000).unbind();
    expect(parts.length).toBe(9000);
    expect(parts.at(-1)?.item()).toBe(8999);
  });
});

test("2,097,152 tensors may be alive, no more, and the call that fails keeps none", { timeout: 40_000 }, () => {
  using scope = new TensorScope();
  scope.run(() => {
    const whole = full([1], 7).expand([2 ** 20]);
    whole.unbind();
    const before = liveTensorCount();
    expect(() => whole.unbind()).toThrow("2,097,152 tensors are alive");
    expect(liveTensorCount()).toBe(before);
  });
});

test("a sorter that points outside its sequence is refused", () => {
  using scope = new TensorScope();
  scope.run(() => {
    const sequence = tensor([1, 2, 3]);
    expect(() => operators.searchsorted(sequence, tensor([2]), { sorter: tensor([0n, 1n, 3n]) })).toThrow(
      ArgumentError,
    );
    expect(() => operators.searchsorted(sequence, tensor([2]), { sorter: tensor([0n, -1n, 2n]) })).toThrow(
      ArgumentError,
    );
    expect(operators.searchsorted(sequence, tensor([2]), { sorter: tensor([0n, 1n, 2n]) }).item()).toBe(1);
  });
});

test("a list of scalars that is shorter than the list of tensors is refused", () => {
  using scope = new TensorScope();
  scope.run(() => {
    const list = [tensor([1]), tensor([2])];
    expect(() => operators.foreachDiv_(list, [])).toThrow(ArgumentError);
    expect(() => operators.foreachAddcdiv_(list, list, list, [1])).toThrow(ArgumentError);
  });
});

test("a recording that met no gradient replays, one whose gradient is gone is refused", () => {
  using scope = new TensorScope();
  scope.run(() => {
    const input = tensor([1, 2]);
    const weight = tensor([3, 4]).requireGrad();
    const other = tensor([3, 4]).requireGrad();
    const absent = record((x) => [weight.grad() ?? x], [input]).program;
    const unused = record(
      (x) => [grad(x.mul(weight), [weight, other], tensor([1, 1]), { allowUnused: true })[0] ?? x],
      [input],
    ).program;
    for (let i = 0; i < 100; i++) {
      expect(absent.runSync([input])[0]?.toArray()).toEqual([1, 2]);
      expect(unused.runSync([input])[0]?.toArray()).toEqual([1, 2]);
    }
    backward(weight.sum([0]));
    const present = record((x) => [x.add(weight.grad() ?? x)], [input]).program;
    expect(present.runSync([input])[0]?.toArray()).toEqual([2, 3]);
    weight.setGrad(null);
    expect(() => present.runSync([input])).toThrow(ArgumentError);
    for (const one of [absent, unused, present]) one.dispose();
  });
});

test("a replay in which a list has another length is refused", () => {
  using scope = new TensorScope();
  scope.run(() => {
    const { program: positions } = record((x) => x.nonzero().unbind(), [tensor([1, 0, 0])]);
    expect(positions.runSync([tensor([0, 0, 5])])[0]?.toArray()).toEqual([2n]);
    expect(() => positions.runSync([tensor([1, 1, 1])])).toThrow(ArgumentError);
    expect(() => positions.runSync([tensor([0, 0, 0])])).toThrow(ArgumentError);
    positions.dispose();
  });
});

test("a program outlives the weights it captured, and the disposal of itself while it runs", async () => {
  const weight = tensor([2, 3]);
  const input = tensor([1, 1]);
  const { program: scaled, outputs } = record((x) => [x.mul(weight)], [input]);
  weight.dispose();
  const pending = scaled.run([input]);
  const again = scaled.runSync([input]);
  scaled.dispose();
  expect(() => scaled.runSync([input])).toThrow(UseAfterFreeError);
  input.dispose();
  const results = await pending;
  expect(results[0]?.toArray()).toEqual([2, 3]);
  for (const one of [...results, ...again, ...outputs]) one.dispose();
});

test("a body that throws, whatever is nested in it, ends its recording", () => {
  using scope = new TensorScope();
  scope.run(() => {
    const input = tensor([1, 2]).requireGrad();
    const fail = (): never => {
      throw new ArgumentError("no");
    };
    expect(() => record(fail, [input])).toThrow("no");
    expect(() => checkpoint(() => checkpoint(fail, []), [input])).toThrow("no");
    expect(() => record(() => record(() => [], []).outputs, [input])).toThrow(ArgumentError);
    expect(() => checkpoint(() => record(() => [], []).outputs, [input])).toThrow(ArgumentError);
    expect(() => record(() => [checkpoint(fail, [])], [input])).toThrow("no");
    expect(input.toArray()).toEqual([1, 2]); // refused while a recording is under way
  });
});

test("checkpoints nest by the hundreds, and give integers beside what is differentiated", () => {
  using scope = new TensorScope();
  scope.run(() => {
    const input = tensor([1, 3, 2]).requireGrad();
    const [position, twice] = checkpoint((x) => [x.argmax(0), x.mul(2)], [input]);
    if (twice) backward(twice, full([3], 1));
    expect(position?.item()).toBe(1);
    expect(input.grad()?.toArray()).toEqual([2, 2, 2]);
    const deep = (x: Tensor, depth: number): Tensor =>
      depth === 0 ? x.add(1) : checkpoint((y) => deep(y, depth - 1), [x]);
    const leaf = tensor([1]).requireGrad();
    backward(deep(leaf, 200));
    expect(leaf.grad()?.item()).toBe(1);
  });
});

test("memory that is shared with arrays lives as long as the last of them", () => {
  const owner = tensor([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  const first = owner.asTypedArray();
  const second = owner.asTypedArray();
  const row = owner.narrow(0, 1, 1);
  const third = row.asTypedArray();
  owner.dispose();
  row.dispose();
  first[3] = 40;
  expect([...second]).toEqual([1, 2, 3, 40, 5, 6]);
  expect([...third]).toEqual([40, 5, 6]);
  const sent = structuredClone(second, { transfer: [second.buffer as ArrayBuffer] });
  expect([...sent]).toEqual([1, 2, 3, 40, 5, 6]);
  expect([...first]).toEqual([1, 2, 3, 40, 5, 6]);
});

test("an array that is detached while its shape is read is refused", () => {
  const array = new Float32Array(1024);
  const shape = [1024];
  let reads = 0;
  Object.defineProperty(shape, 0, {
    get: () => {
      if (++reads === 3) structuredClone(array, { transfer: [array.buffer] });
      return 1024;
    },
  });
  expect(() => fromTypedArray(array, shape)).toThrow(ArgumentError);
});

test("arrays that contain themselves, or nest too deeply, are refused", () => {
  const endless: unknown[] = [];
  endless[0] = endless;
  expect(() => loosely(tensor, endless)).toThrow(ArgumentError);
  let deep: unknown = 1;
  for (let depth = 0; depth < 100_000; depth++) deep = [deep];
  expect(() => loosely(tensor, deep)).toThrow(ArgumentError);
});

test("a getter among the arguments may call operators, and then the outer call is refused", () => {
  using scope = new TensorScope();
  scope.run(() => {
    const one = tensor([1]);
    const computing = {
      get dtype() {
        return one.add(1).dtype;
      },
    };
    expect(() => one.zerosLike(computing)).toThrow(ArgumentError);
    const failing = {
      get dtype() {
        expect(() => loosely(one.mm.bind(one), "x")).toThrow(ArgumentError);
        return "float32" as const;
      },
    };
    expect(() => one.zerosLike(failing)).toThrow(ArgumentError);
  });
});

test("lists of 10,000 tensors go through", () => {
  using scope = new TensorScope();
  scope.run(() => {
    const one = tensor([1]);
    const many = Array.from({ length: 10_000 }, () => one);
    expect(operators.cat(many).shape).toEqual([10_000]);
    operators.foreachAddScalar_(many, 1);
    expect(one.item()).toBe(10_001);
    expect(operators.foreachSqrt(many).length).toBe(10_000);
  });
});

test("a generator refuses a state that would read past its end, and keeps its own", () => {
  using scope = new TensorScope();
  using stream = new Generator(1);
  using same = new Generator(1);
  scope.run(() => {
    const state = stream.getState();
    const view = new DataView(state.asTypedArray().buffer);
    view.setInt32(8, 624, true); // left
    view.setInt32(12, 1, true); // seeded
    view.setBigUint64(16, 624n, true); // next
    expect(() => stream.setState(state)).toThrow(ArgumentError);
    const drawn = operators.rand([4], { generator: stream });
    expect(drawn.toArray()).toEqual(operators.rand([4], { generator: same }).toArray());
  });
});

test("the collector and dispose never free a tensor twice", { timeout: 40_000 }, async () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const before = liveTensorCount();
  for (let round = 0; round < 10; round++) {
    const held = Array.from({ length: 900 }, (_, i) => {
      const made = tensor([i]);
      if (i % 3 === 0) made.dispose();
      return i % 3 === 1 ? [made] : []; // the third one is forgotten
    }).flat();
    collect();
    await new Promise((resolve) => setImmediate(resolve));
    expect(held.map((one) => one.item())).toEqual(Array.from({ length: 300 }, (_, i) => 3 * i + 1));
    for (const one of held) one.dispose();
  }
  await expect
    .poll(() => {
      collect();
      return liveTensorCount();
    })
    .toBe(before);
});
