/** The tensor: libtorch's, held by a handle. Its operators are generated; what needs TypeScript's own types is here. */
import { inspect } from "node:util";
import { described } from "./call-writer.ts";
import { type Device, deviceOfCode } from "./device.ts";
import { type Dtype, dtypeFacts, dtypeOfCode, isDtype, type TypedArray } from "./dtype.ts";
import { ArgumentError, UseAfterFreeError } from "./errors.ts";
import { formatTensor } from "./format-tensor.ts";
import { type Index, indexTensor } from "./indexing.ts";
import { binding, own, registerClasses, scopes } from "./native.ts";
import { TensorOps } from "./ops.generated.ts";
import { TensorHandle } from "./tensor-handle.ts";

/** Nested arrays of a tensor's elements; a single one for a tensor without dimensions. */
export type NestedArray<T> = T | NestedArray<T>[];

/** An n-dimensional array on a device, possibly part of an autograd graph. */
export class Tensor extends TensorOps implements Disposable {
  #shape: readonly number[] | undefined;
  #dtype: Dtype | undefined;

  /** Sizes of the dimensions; `[]` for a single element. */
  get shape(): readonly number[] {
    this.#shape ??= Object.freeze(binding.shape(this.#live("shape")));
    return this.#shape;
  }

  /** Steps, in elements, from one element to the next along each dimension. */
  get strides(): readonly number[] {
    return binding.strides(this.#live("strides"));
  }

  /** Number of dimensions. */
  get ndim(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get numel(): number {
    return this.shape.reduce((product, size) => product * size, 1);
  }

  get dtype(): Dtype {
    this.#dtype ??= dtypeOfCode(binding.dtype(this.#live("dtype")));
    return this.#dtype;
  }

  get device(): Device {
    return deviceOfCode(binding.device(this.#live("device")));
  }

  /** Size of dimension `dim`, which may count from the end. */
  size(dim: number): number {
    if (!Number.isSafeInteger(dim)) throw new ArgumentError(`size(): dim must be an integer, got ${described(dim)}`);
    const size = this.shape.at(dim);
    if (size === undefined) throw new ArgumentError(`size(${dim}): the tensor has ${this.ndim} dimensions`);
    return size;
  }

  /** Whether operators on it are recorded for differentiation. */
  get requiresGrad(): boolean {
    return binding.requiresGrad(this.#live("requiresGrad"));
  }

  /** Makes a leaf of the graph require a gradient, or stop. Returns this. */
  requireGrad(value = true): this {
    binding.setRequiresGrad(this.#live("requireGrad"), value);
    return this;
  }

  /** Whether no recorded operator made it. */
  get isLeaf(): boolean {
    return binding.isLeaf(this.#live("isLeaf"));
  }

  /** How many times its memory was written to by operators, through this tensor or a view. */
  get version(): number {
    return binding.tensorVersion(this.#live("version"));
  }

  /** The gradient that `backward` accumulated, as a tensor of the caller's; null before. */
  grad(): Tensor | null {
    const handle = binding.gradOf(this.#live("grad"));
    return handle === 0 ? null : own(handle);
  }

  /** Replaces the accumulated gradient; null forgets it. */
  setGrad(gradient: Tensor | null): void {
    binding.setGrad(this.#live("setGrad"), gradient === null ? 0 : liveHandle(gradient, "setGrad", "gradient"));
  }

  /** The same values with another element type, on another device, or both. A tensor that fits already is shared. */
  to(target: Dtype | Device | { dtype?: Dtype; device?: Device; copy?: boolean; nonBlocking?: boolean }): Tensor {
    if (typeof target === "object") return this.convert(target);
    return this.convert(isDtype(target) ? { dtype: target } : { device: target });
  }

  /**
   * Part of a tensor: a number picks one element of its dimension, `[start, end, step]` a range, `null` inserts a
   * dimension, `"..."` stands for all dimensions in between, an integer or boolean tensor picks many.
   */
  at(...indices: readonly Index[]): Tensor {
    return indexTensor(this, indices);
  }

  /**
   * The only element. int64 elements must be safe integers; bool elements are 0 or 1.
   *
   * @throws {ArgumentError} there are more elements, or none; or the element is no safe integer
   */
  item(): number {
    if (this.numel !== 1)
      throw new ArgumentError(`item() needs a tensor of one element, this has shape [${this.shape.join(", ")}]`);
    return this.toNumbers()[0] ?? 0;
  }

  /**
   * The elements in row-major order as numbers; bool elements are 0 or 1.
   *
   * @throws {ArgumentError} an int64 element is no safe integer
   */
  toNumbers(): number[] {
    return Array.from<number | bigint, number>(this.toTypedArray(), (value) => {
      const number = Number(value);
      if (typeof value === "number" || Number.isSafeInteger(number)) return number;
      throw new ArgumentError(`${value} is no safe integer, which a number can hold. Use toTypedArray().`);
    });
  }

  /**
   * A copy of the elements in row-major order. bfloat16 and float16 become a Float32Array, which holds them exactly;
   * every other dtype the array of its own type, bool a Uint8Array of 0 and 1.
   */
  toTypedArray(): TypedArray {
    if (this.dtype === "bfloat16" || this.dtype === "float16") return this.#readAs("float32");
    const { array, bytes } = dtypeFacts(this.dtype);
    const target = newBuffer(this.numel * bytes);
    binding.copyBytes(this.#live("toTypedArray"), new Uint8Array(target));
    return new array(target);
  }

  /**
   * The tensor's own memory as an array: nothing is copied, writes are seen on both sides, and the memory lives as
   * long as either does. bfloat16 and float16 appear as raw bits. Only for contiguous tensors on the CPU.
   */
  asTypedArray(): TypedArray {
    const { array } = dtypeFacts(this.dtype);
    return new array(binding.share(this.#live("asTypedArray")), 0, this.numel);
  }

  /** A copy of the elements as nested arrays: numbers, bigints for int64, booleans for bool. */
  toArray(): NestedArray<number | bigint | boolean> {
    const flat = this.toTypedArray();
    const isBool = this.dtype === "bool";
    const values = Array.from<number | bigint, number | bigint | boolean>(flat, (value) =>
      isBool ? value !== 0 : value,
    );
    const nest = (dim: number, start: number, count: number): NestedArray<number | bigint | boolean> => {
      const size = this.shape[dim];
      if (size === undefined) return values[start] ?? 0;
      const each = size === 0 ? 0 : count / size;
      return Array.from({ length: size }, (_, i) => nest(dim + 1, start + i * each, each));
    };
    return nest(0, 0, values.length);
  }

  /** Frees the native tensor now. Graphs and views that use its memory keep what they need. */
  dispose(): void {
    scopes.dispose(this);
  }

  [Symbol.dispose](): void {
    scopes.dispose(this);
  }

  /** Whether it has been disposed of. */
  get isDisposed(): boolean {
    return TensorHandle.handleOf(this) === 0;
  }

  override toString(): string {
    return this.isDisposed ? "Tensor(disposed)" : formatTensor(this);
  }

  #live(operator: string): number {
    return liveHandle(this, operator, "the tensor");
  }

  #readAs(dtype: Dtype): TypedArray {
    using detached = this.detach();
    using converted = detached.convert({ dtype });
    return converted.toTypedArray();
  }
}

// Not a method: a computed name can't stand in the declarations of a class.
Object.defineProperty(Tensor.prototype, inspect.custom, { value: Tensor.prototype.toString });

registerClasses({ makeTensor: (handle) => new Tensor(handle) });

function newBuffer(bytes: number): ArrayBuffer {
  try {
    return new ArrayBuffer(bytes);
  } catch (cause) {
    throw new ArgumentError(`toTypedArray: ${bytes} bytes don't fit an ArrayBuffer. Read the tensor in parts.`, {
      cause,
    });
  }
}

/**
 * The handle of a tensor for a native function.
 *
 * @throws {ArgumentError} it is no tensor
 * @throws {UseAfterFreeError} it has been freed
 */
export function liveHandle(value: unknown, operator: string, argument: string): number {
  const handle = TensorHandle.handleOf(value);
  if (handle < 0) throw new ArgumentError(`${operator}: ${argument} must be a Tensor, got ${described(value)}`);
  if (handle === 0) throw new UseAfterFreeError(operator, argument);
  return handle;
}

/** The same for a list of tensors. */
export function liveHandles(values: readonly unknown[], operator: string, argument: string): number[] {
  if (!Array.isArray(values)) throw new ArgumentError(`${operator}: ${argument} must be an array of Tensors`);
  const handles: number[] = [];
  for (const value of values) handles.push(liveHandle(value, operator, `${argument}[${handles.length}]`));
  return handles;
}
