/** Making tensors of JavaScript's values. Creation from nothing (zeros, arange, …) is generated. */
import type { Device } from "./device.ts";
import { type Dtype, dtypeFacts, dtypeOfArray, type TypedArray } from "./dtype.ts";
import { ArgumentError } from "./errors.ts";
import { binding, own } from "./native.ts";
import { empty } from "./ops.generated.ts";
import type { Scalar } from "./scalar.ts";
import type { NestedArray, Tensor } from "./tensor.ts";

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
  const isRawBits = array instanceof Uint16Array;
  if (isRawBits && options.dtype !== "bfloat16" && options.dtype !== "float16") {
    throw new ArgumentError('a Uint16Array holds raw bits: pass dtype "bfloat16" or "float16" to say of what');
  }
  const isBytes = array instanceof Uint8Array && options.dtype === "bool";
  const stored = isRawBits || isBytes ? (options.dtype ?? "bool") : dtypeOfArray(array);
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw new ArgumentError(`shape must be an array of integers ≥ 0, got [${String(shape)}]`);
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
  const shape: number[] = [];
  for (let level: unknown = data; Array.isArray(level); level = level[0]) shape.push(level.length);
  const flat: (number | bigint | boolean)[] = [];
  flatten(data, shape, 0, flat);
  const kind = typeof (flat[0] ?? 0);
  const stranger = flat.find((value) => typeof value !== kind);
  if (stranger !== undefined || !["number", "bigint", "boolean"].includes(kind)) {
    throw new ArgumentError(
      `tensor() takes numbers, bigints or booleans, all of one kind; got ${kind} and ${typeof stranger}`,
    );
  }
  if (kind === "bigint") return fromTypedArray(BigInt64Array.from(flat as bigint[]), shape, options);
  if (kind === "boolean") {
    const made = fromTypedArray(Uint8Array.from(flat, Number), shape, { dtype: "bool" });
    return place(made, "bool", options);
  }
  // Through float64, so that a wider dtype loses nothing.
  return fromTypedArray(Float64Array.from(flat as number[]), shape, { ...options, dtype: options.dtype ?? "float32" });
}

/** A tensor in which every element is `value`; float32 unless `dtype` says otherwise, whatever the value. */
export function full(shape: readonly number[], value: Scalar, options: CreationOptions = {}): Tensor {
  return empty(shape, { dtype: "float32", ...options }).fill_(value);
}

function place(made: Tensor, stored: Dtype, { dtype = stored, device = "cpu" }: CreationOptions): Tensor {
  if (dtype === stored && device === "cpu") return made;
  const moved = made.convert({ dtype, device });
  made.dispose();
  return moved;
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
