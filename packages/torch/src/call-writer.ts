/**
 * Writing an operator's arguments where the native side reads them: one Float64Array for all calls of a thread, which
 * costs a tenth of passing JavaScript values one by one. The coding stands in native/arguments.h.
 *
 * Every value is checked here, where its name is known, and again on the native side, where nothing is trusted.
 */
import type { Binding } from "./addon.ts";
import { type Device, deviceCode } from "./device.ts";
import { type Dtype, dtypeFacts } from "./dtype.ts";
import { ArgumentError, UseAfterFreeError } from "./errors.ts";
import { OPERATORS } from "./operators.generated.ts";
import { isScalar, type Scalar } from "./scalar.ts";
import type { Tensor } from "./tensor.ts";
import { NOT_A_TENSOR, TensorHandle } from "./tensor-handle.ts";

/** Room for the arguments that are not lists; lists make room for themselves. */
const RESERVE = 64;
/** No list is longer: there can be no more tensors, and no more dimensions. */
const MOST_ELEMENTS = 2 ** 21;
/** The row when no call is being written. */
const NO_ROW = -1;
const SCALAR_INT = 1;
const SCALAR_FLOAT = 2;
const SCALAR_BOOL = 3;
const SCALAR_INT64 = 4;

/** What a call writer needs of its thread. */
export interface CallHost {
  readonly binding: Binding;
  /** The native number of each row of the table; undefined where the library lacks an optional one. */
  readonly operators: readonly (number | undefined)[];
  /** Wraps a new handle, so that the enclosing scope frees it. */
  own(handle: number): Tensor;
  /** The native handle of a random generator. */
  generatorHandle(generator: unknown): number;
}

export class CallWriter {
  readonly #host: CallHost;
  readonly #strings = new Map<string, number>();
  #scratch = new Float64Array(4096);
  #int64 = new BigInt64Array(this.#scratch.buffer);
  #at = 0;
  #row = NO_ROW;

  constructor(host: CallHost) {
    this.#host = host;
    host.binding.setScratch(this.#scratch);
  }

  /** The shared array, for the few native functions that take handles through it. At least `length` long. */
  room(length: number): Float64Array {
    this.#row = NO_ROW;
    this.#reserve(length);
    return this.#scratch;
  }

  begin(row: number): void {
    this.#row = row;
    this.#at = 0;
  }

  options(value: object): void {
    if (typeof value !== "object" || value === null) this.#refuse("options", "an object", value);
  }

  tensor(value: Tensor | TensorHandle, name: string): void {
    this.#scratch[this.#at++] = this.#handle(value, name);
  }

  optionalTensor(value: Tensor | null, name: string): void {
    this.#scratch[this.#at++] = value === null || value === undefined ? 0 : this.#handle(value, name);
  }

  tensors(values: readonly Tensor[], name: string): void {
    this.#count(values, name);
    for (const value of values) this.tensor(value, name);
  }

  tensorsOrNull(values: readonly (Tensor | null)[], name: string): void {
    this.#count(values, name);
    for (const value of values) this.optionalTensor(value, name);
  }

  int(value: number, name: string): void {
    if (!Number.isSafeInteger(value)) this.#refuse(name, "a safe integer", value);
    this.#scratch[this.#at++] = value;
  }

  optionalInt(value: number | null, name: string): void {
    if (this.#present(value)) this.int(value, name);
  }

  ints(values: number | readonly number[], name: string): void {
    if (typeof values === "number") {
      this.#scratch[this.#at++] = 1;
      this.int(values, name);
      return;
    }
    this.#count(values, name);
    for (let i = 0; i < values.length; i++) this.int(values[i] as number, name);
  }

  optionalInts(values: number | readonly number[] | null, name: string): void {
    if (this.#present(values)) this.ints(values, name);
  }

  float(value: number, name: string): void {
    if (typeof value !== "number") this.#refuse(name, "a number", value);
    this.#scratch[this.#at++] = value;
  }

  optionalFloat(value: number | null, name: string): void {
    if (this.#present(value)) this.float(value, name);
  }

  bool(value: boolean, name: string): void {
    if (typeof value !== "boolean") this.#refuse(name, "a boolean", value);
    this.#scratch[this.#at++] = value ? 1 : 0;
  }

  optionalBool(value: boolean | null, name: string): void {
    if (this.#present(value)) this.bool(value, name);
  }

  scalar(value: Scalar, name: string): void {
    if (!isScalar(value)) this.#refuse(name, "a number, bigint or boolean", value);
    const scratch = this.#scratch;
    if (typeof value === "bigint") {
      if (BigInt.asIntN(64, value) !== value) this.#refuse(name, "a bigint that fits 64 bits", value);
      scratch[this.#at++] = SCALAR_INT64;
      this.#int64[this.#at++] = value;
    } else if (typeof value === "boolean") {
      scratch[this.#at++] = SCALAR_BOOL;
      scratch[this.#at++] = value ? 1 : 0;
    } else {
      const isInteger = Number.isSafeInteger(value) && !Object.is(value, -0);
      scratch[this.#at++] = isInteger ? SCALAR_INT : SCALAR_FLOAT;
      scratch[this.#at++] = value;
    }
  }

  optionalScalar(value: Scalar | null, name: string): void {
    if (this.#present(value)) this.scalar(value, name);
  }

  scalars(values: readonly Scalar[], name: string): void {
    this.#count(values, name, 2);
    for (const value of values) this.scalar(value, name);
  }

  optionalDtype(value: Dtype | null, name: string): void {
    if (this.#present(value)) this.dtype(value, name);
  }

  dtype(value: Dtype, name: string): void {
    if (typeof value !== "string") this.#refuse(name, "a dtype", value);
    this.#scratch[this.#at++] = dtypeFacts(value).code;
  }

  optionalDevice(value: Device | null, name: string): void {
    if (!this.#present(value)) return;
    if (typeof value !== "string") this.#refuse(name, "a device", value);
    this.#scratch[this.#at++] = deviceCode(value);
  }

  string(value: string, name: string): void {
    if (typeof value !== "string") this.#refuse(name, "a string", value);
    let number = this.#strings.get(value);
    if (number === undefined) {
      number = this.#host.binding.internString(value);
      this.#strings.set(value, number);
    }
    this.#scratch[this.#at++] = number;
  }

  optionalString(value: string | null, name: string): void {
    if (this.#present(value)) this.string(value, name);
  }

  generator(value: unknown, name: string): void {
    const handle = this.#host.generatorHandle(value);
    if (handle < 0) this.#refuse(name, "a Generator", value);
    if (handle === 0) throw new UseAfterFreeError(this.#abandon(), name);
    this.#scratch[this.#at++] = 1;
    this.#scratch[this.#at++] = handle;
  }

  /** Calls the operator and returns its number, boolean (0 or 1), handle or count of handles. */
  invoke(): number {
    if (this.#row === NO_ROW) {
      throw new ArgumentError(
        "an operator was called by a getter among another one's arguments. Read the values first.",
      );
    }
    const operator = this.#host.operators[this.#row];
    if (operator === undefined) {
      const row = OPERATORS[this.#row];
      throw new ArgumentError(
        `${this.#operator()} needs libtorch ${row?.since} or newer, this is ${this.#host.binding.version()}`,
      );
    }
    this.#row = NO_ROW;
    return this.#host.binding.call(operator, this.#at);
  }

  tensorResult(): Tensor {
    return this.#host.own(this.invoke());
  }

  tensorList(): Tensor[] {
    const count = this.invoke();
    this.#reserve(count); // what had no room is written into the larger array
    const handles = this.#scratch.slice(0, count);
    return Array.from(handles, (handle) => this.#host.own(handle));
  }

  #handle(value: unknown, name: string): number {
    const handle = TensorHandle.handleOf(value);
    if (handle === NOT_A_TENSOR) this.#refuse(name, "a Tensor", value);
    if (handle === 0) throw new UseAfterFreeError(this.#abandon(), name);
    return handle;
  }

  #present<T>(value: T | null | undefined): value is T {
    const present = value !== null && value !== undefined;
    this.#scratch[this.#at++] = present ? 1 : 0;
    return present;
  }

  #count(values: readonly unknown[], name: string, each = 1): void {
    if (!Array.isArray(values)) this.#refuse(name, "an array", values);
    const { length } = values;
    if (!(length <= MOST_ELEMENTS)) this.#refuse(name, `a list of at most ${MOST_ELEMENTS} elements`, length);
    this.#reserve(this.#at + each * length + RESERVE);
    this.#scratch[this.#at++] = length;
  }

  #reserve(length: number): void {
    if (length <= this.#scratch.length) return;
    const larger = new Float64Array(2 ** Math.ceil(Math.log2(length)));
    larger.set(this.#scratch);
    this.#scratch = larger;
    this.#int64 = new BigInt64Array(larger.buffer);
    this.#host.binding.setScratch(larger);
  }

  /** Ends the call that is being written. Returns the operator's name. */
  #abandon(): string {
    const operator = this.#operator();
    this.#row = NO_ROW;
    return operator;
  }

  #operator(): string {
    const row = OPERATORS[this.#row];
    return row ? `${row.name}${row.overload && `.${row.overload}`}` : "operator";
  }

  #refuse(name: string, expected: string, value: unknown): never {
    throw new ArgumentError(`${this.#abandon()}: ${name} must be ${expected}, got ${described(value)}`);
  }
}

/** A value in a message, without running code of its own. */
export function described(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "object" || typeof value === "function") return `a value of type ${typeof value}`;
  return `${typeof value} ${String(value)}`;
}
