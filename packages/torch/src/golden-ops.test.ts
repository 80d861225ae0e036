/** Every operator of ops.txt against the values that PyTorch gives: see scripts/make-golden.py. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as torch from "./index.ts";
import { grad, liveTensorCount, Tensor, tidy } from "./index.ts";
import { OPERATORS } from "./operators.generated.ts";
import { expectGolden } from "./testing/close.ts";
import {
  type GoldenArgument,
  type GoldenCase,
  isGoldenTensor,
  makeTensor,
  readGoldenOps,
  upstream,
} from "./testing/golden.ts";

const golden = readGoldenOps();
const rows = OPERATORS.map(({ name, overload }) => name.replace("aten::", "") + (overload && `.${overload}`));

let before = 0;
beforeEach(() => {
  before = liveTensorCount();
});
afterEach(() => {
  expect(liveTensorCount()).toBe(before);
});

describe(`values made by PyTorch ${golden.torch}`, () => {
  for (const one of golden.cases) test(one.name, () => tidy(() => check(one)));
});

describe("what is compared", () => {
  test("every operator of ops.txt is covered, or excluded with a reason", () => {
    const covered = new Set([...golden.cases.map(({ operator }) => operator), ...Object.keys(golden.excluded)]);
    expect(rows.filter((row) => !covered.has(row))).toEqual([]);
    expect([...covered].filter((operator) => !rows.includes(operator))).toEqual([]);
    expect(Object.values(golden.excluded).filter((reason) => reason.length < 10)).toEqual([]);
  });

  test("at least 80 operators are checked forward and backward", () => {
    const differentiated = golden.cases.filter(({ gradients }) => gradients?.some((gradient) => gradient !== null));
    expect(new Set(differentiated.map(({ operator }) => operator)).size).toBeGreaterThanOrEqual(80);
  });
});

function check(one: GoldenCase): void {
  const leaves: Tensor[] = [];
  const args = one.args.map((arg) => decode(arg, leaves));
  const options = Object.entries(one.options ?? {}).map(([key, value]) => [key, decode(value, leaves)]);
  const outputs = call(one, args, options.length > 0 ? [Object.fromEntries(options)] : []);
  expect(outputs.length).toBe(one.outputs.length);
  for (const [i, expected] of one.outputs.entries()) {
    const output = outputs[i];
    if (typeof expected === "boolean") expect(output).toBe(expected);
    else expectGolden(asTensor(output), expected, one.exact);
  }
  if (!one.gradients || !one.roots) return;
  const roots = one.roots.map((index) => asTensor(outputs[index]));
  const gradients = grad(roots, leaves, roots.map(upstream), { allowUnused: true });
  expect(gradients.length).toBe(one.gradients.length);
  for (const [i, expected] of one.gradients.entries()) {
    const gradient = gradients[i];
    if (expected === null) expect(gradient).toBeNull();
    else expectGolden(asTensor(gradient), expected, one.exact);
  }
}

/** The operator's results; in place, what it changed: copies, since autograd lets nobody change a leaf. */
function call(one: GoldenCase, args: readonly unknown[], options: readonly unknown[]): unknown[] {
  const [first, ...rest] = args;
  const isInPlace = (one.method ?? one.function)?.endsWith("_") ?? false;
  const target = isInPlace ? copyOf(first) : first;
  const result = one.method
    ? invoke(target, one.method, [...rest, ...options])
    : invoke(torch, one.function ?? "", args.length > 0 ? [target, ...rest, ...options] : options);
  if (isInPlace) expect(result).toBe(one.method ? target : undefined);
  const outputs = isInPlace ? target : result;
  return Array.isArray(outputs) ? outputs : [outputs];
}

function invoke(owner: unknown, name: string, args: readonly unknown[]): unknown {
  const member: unknown = typeof owner === "object" && owner !== null ? Reflect.get(owner, name) : undefined;
  if (typeof member !== "function") throw new TypeError(`there is no operator called ${name} in TypeScript`);
  return Reflect.apply(member, owner, args);
}

function copyOf(value: unknown): unknown {
  return Array.isArray(value) ? value.map((element) => asTensor(element).clone()) : asTensor(value).clone();
}

/** An argument as TypeScript takes it. Tensors that require a gradient are added to `leaves`. */
function decode(coded: GoldenArgument, leaves: Tensor[]): unknown {
  if (typeof coded !== "object" || coded === null) return coded;
  if (isGoldenTensor(coded)) {
    const made = makeTensor(coded);
    if (coded.requiresGrad) leaves.push(made);
    return made;
  }
  return "number" in coded ? Number(coded.number) : coded.map((element) => decode(element, leaves));
}

function asTensor(value: unknown): Tensor {
  if (!(value instanceof Tensor)) throw new TypeError(`expected a tensor, got ${String(value)}`);
  return value;
}
