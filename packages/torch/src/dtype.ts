/** Element types: their names, libtorch's codes for them, and the typed arrays that hold their values. */
import { ArgumentError } from "./errors.ts";

/** An element type. `bool` is one byte per element. */
export type Dtype =
  | "uint8"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "float16"
  | "float32"
  | "float64"
  | "bool"
  | "bfloat16";

/** Any array that can hold a tensor's elements. */
export type TypedArray =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

interface DtypeFacts {
  /** c10::ScalarType */
  readonly code: number;
  readonly bytes: number;
  /** The array that holds the same bytes; for float16 and bfloat16, which JavaScript lacks, their raw bits. */
  readonly array: new (
    buffer: ArrayBufferLike,
    offset?: number,
    length?: number,
  ) => TypedArray;
  readonly isFloat: boolean;
}

const DTYPES: Readonly<Record<Dtype, DtypeFacts>> = {
  uint8: { code: 0, bytes: 1, array: Uint8Array, isFloat: false },
  int8: { code: 1, bytes: 1, array: Int8Array, isFloat: false },
  int16: { code: 2, bytes: 2, array: Int16Array, isFloat: false },
  int32: { code: 3, bytes: 4, array: Int32Array, isFloat: false },
  int64: { code: 4, bytes: 8, array: BigInt64Array, isFloat: false },
  float16: { code: 5, bytes: 2, array: Uint16Array, isFloat: true },
  float32: { code: 6, bytes: 4, array: Float32Array, isFloat: true },
  float64: { code: 7, bytes: 8, array: Float64Array, isFloat: true },
  bool: { code: 11, bytes: 1, array: Uint8Array, isFloat: false },
  bfloat16: { code: 15, bytes: 2, array: Uint16Array, isFloat: true },
};

const BY_CODE = new Map(Object.entries(DTYPES).map(([name, { code }]) => [code, name as Dtype]));

/**
 * What is known of an element type.
 *
 * @throws {ArgumentError} there is no such type
 */
export function dtypeFacts(dtype: Dtype): DtypeFacts {
  const facts = typeof dtype === "string" && Object.hasOwn(DTYPES, dtype) ? DTYPES[dtype] : undefined;
  if (!facts) throw new ArgumentError(`dtype must be one of ${Object.keys(DTYPES).join(", ")}, got ${String(dtype)}`);
  return facts;
}

/** Whether a word names an element type. */
export function isDtype(word: unknown): word is Dtype {
  return typeof word === "string" && Object.hasOwn(DTYPES, word);
}

/** The element type behind libtorch's code; throws for types this package has no name for. */
export function dtypeOfCode(code: number): Dtype {
  const name = BY_CODE.get(code);
  if (!name)
    throw new ArgumentError(`the tensor's dtype has code ${code} in libtorch, for which there is no name here`);
  return name;
}

/** The element type that an array holds without conversion. A Uint16Array may be two things: say which. */
export function dtypeOfArray(array: TypedArray): Dtype {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Float64Array) return "float64";
  if (array instanceof Int32Array) return "int32";
  if (array instanceof BigInt64Array) return "int64";
  if (array instanceof Uint8Array) return "uint8";
  if (array instanceof Int8Array) return "int8";
  if (array instanceof Int16Array) return "int16";
  if (array instanceof Uint16Array) {
    throw new ArgumentError('a Uint16Array holds raw bits: pass dtype "bfloat16" or "float16" to say of what');
  }
  throw new ArgumentError(`expected a typed array of float, int, bigint or byte elements, got ${typeof array}`);
}
