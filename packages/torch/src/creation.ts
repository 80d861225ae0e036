/** Making tensors of JavaScript's values. Creation from nothing (zeros, arange, …) is generated. */
import { described } from "./call-writer.ts";
import type { Device } from "./device.ts";
import { type Dtype, dtypeFacts, dtypeOfArray, type TypedArray } from "./dtype.ts";
import { ArgumentError } from "./errors.ts";
import { binding, own } from "./native.ts";
import { empty } from "./ops.generated.ts";
import type { Scalar } from "./scalar.ts";
import type { NestedArray, Tensor } from "./tensor.ts";

/** What libtorch's kernels can count. */
const MOST_DIMS = 64;

/** What a new tensor's elements are and where they live. */
export interface CreationOptions {
  readonly dtype?: Dtype;
  readonly device?: Device;
}

/**
 * A tensor that owns a copy of an array's elements. To share memory instead, make the tensor first and fill its
 * `asTypedArray()`.
 *
 * @param array  elements in row-major order; a Uint16Array holds the raw bits of bfloat16 or float16
 * @param shape  sizes whose product is the array's length
 * @param options  `dtype` defaults to the array's own; another one converts, except from raw bits
 * @throws {ArgumentError} length and shape differ, or a Uint16Array came without a dtype of two bytes
 */
export function fromTypedArray(array: TypedArray, shape: readonly number[], options: CreationOptions = {}): Tensor {
  checkOptions(options, "fromTypedArray");
  const isRawBits = array instanceof Uint16Array;
  if (isRawBits && options.dtype !== "bfloat16" && options.dtype !== "float16") {
    throw new ArgumentError('a Uint16Array holds raw bits: pass dtype "bfloat16" or "float16" to say of what');
  }
  const isBytes = array instanceof Uint8Array && options.dtype === "bool";
  const stored = isRawBits || isBytes ? (options.dtype ?? "bool") : dtypeOfArray(array);
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    const got = Array.isArray(shape) ? `[${shape.map(described).join(", ")}]` : described(shape);
    throw new ArgumentError(`shape must be an array of integers ≥ 0, got ${got}`);
  }
  const count = shape.reduce((product, size) => product * size, 1);
  if (count !== array.length) {
    throw new ArgumentError(`the array has ${array.length} elements, shape [${shape.join(", ")}] needs ${count}`);
  }
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const tensor = own(binding.fromBytes(bytes, shape, dtypeFacts(stored).code));
  return place(tensor, stored, options);
}

/**
 * A tensor of nested arrays, or of one value: numbers give float32, bigints int64, booleans bool, unless `dtype` says
 * otherwise.
 *
 * @throws {ArgumentError} the nesting is ragged, or kinds of values are mixed
 */
export function tensor(data: NestedArray<number | bigint | boolean>, options: CreationOptions = {}): Tensor {
  checkOptions(options, "tensor");
  const shape: number[] = [];
  for (let level: unknown = data; Array.isArray(level); level = level[0]) {
    if (shape.push(level.length) > MOST_DIMS) throw new ArgumentError(`tensor(): more than ${MOST_DIMS} nested arrays`);
  }
  const flat: (number | bigint | boolean)[] = [];
  flatten(data, shape, 0, flat);
  const kind = typeof (flat[0] ?? 0);
  const stranger = flat.find((value) => typeof value !== kind);
  if (stranger !== undefined || !["number", "bigint", "boolean"].includes(kind)) {
    throw new ArgumentError(
      `tensor() takes numbers, bigints or booleans, all of one kind; got ${kind} and ${typeof stranger}`,
    );
  }
  if (kind === "bigint") {
    const unfit = (flat as bigint[]).find((value) => BigInt.asIntN(64, value) !== value);
    if (unfit !== undefined) throw new ArgumentError(`tensor(): ${unfit} does not fit 64 bits`);
    return fromTypedArray(BigInt64Array.from(flat as bigint[]), shape, options);
  }
  if (kind === "boolean") {
    const made = fromTypedArray(Uint8Array.from(flat, Number), shape, { dtype: "bool" });
    return place(made, "bool", options);
  }
  // Through float64, so that a wider dtype loses nothing.
  return fromTypedArray(Float64Array.from(flat as number[]), shape, { ...options, dtype: options.dtype ?? "float32" });
}

/** A tensor in which every element is `value`; float32 unless `dtype` says otherwise, whatever the value. */
export function full(shape: readonly number[], value: Scalar, options: CreationOptions = {}): Tensor {
  const made = empty(shape, { dtype: "float32", ...options });
  try {
    return made.fill_(value);
  } catch (error) {
    made.dispose();
    throw error;
  }
}

function place(made: Tensor, stored: Dtype, options: CreationOptions): Tensor {
  let placed: Tensor | undefined;
  try {
    const { dtype = stored, device = "cpu" } = options;
    placed = dtype === stored && device === "cpu" ? made : made.convert({ dtype, device });
    return placed;
  } finally {
    if (placed !== made) made.dispose();
  }
}

function checkOptions(options: CreationOptions, caller: string): void {
  if (typeof options !== "object" || options === null) {
    throw new ArgumentError(`${caller}(): options must be an object, got ${described(options)}`);
  }
}

function flatten(value: unknown, shape: readonly number[], depth: number, flat: (number | bigint | boolean)[]): void {
  if (depth === shape.length) {
    if (Array.isArray(value)) throw new ArgumentError("tensor(): the nested arrays have different depths");
    flat.push(value as number | bigint | boolean);
    return;
  }
  if (!Array.isArray(value) || value.length !== shape[depth]) {
    throw new ArgumentError(
      `tensor(): the nested arrays are ragged: expected ${shape[depth]} elements at depth ${depth}, got ${Array.isArray(value) ? value.length : typeof value}`,
    );
  }
  for (const element of value) flatten(element, shape, depth + 1, flat);
}
