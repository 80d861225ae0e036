/** The one owner of a native tensor. A handle is never shared, so freeing it here frees it everywhere. */
import { ArgumentError } from "./errors.ts";

/** What {@link TensorHandle.handleOf} says of something that is no tensor. */
export const NOT_A_TENSOR = -1;

export abstract class TensorHandle {
  #handle: number;
  #owner: TensorHandle[] | undefined;

  constructor(handle: number) {
    if (!Number.isSafeInteger(handle)) throw new ArgumentError("a Tensor is made by tensor(), zeros() and their like");
    this.#handle = handle;
  }

  /** The handle of a tensor: 0 once it has been freed, {@link NOT_A_TENSOR} for anything else. */
  static handleOf(value: unknown): number {
    return typeof value === "object" && value !== null && #handle in value ? value.#handle : NOT_A_TENSOR;
  }

  /** The members of the scope that frees it; undefined when its holder does. */
  static ownerOf(tensor: TensorHandle): TensorHandle[] | undefined {
    return tensor.#owner;
  }

  static setOwner(tensor: TensorHandle, owner: TensorHandle[] | undefined): void {
    tensor.#owner = owner;
  }

  /** Takes the handle away, after which the tensor counts as freed; the caller releases it. */
  static takeHandle(tensor: TensorHandle): number {
    const handle = tensor.#handle;
    tensor.#handle = 0;
    return handle;
  }
}
