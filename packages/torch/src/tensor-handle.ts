/** The one owner of a native tensor. A handle is never shared, so freeing it here frees it everywhere. */

/** What {@link TensorHandle.handleOf} says of something that is no tensor. */
export const NOT_A_TENSOR = -1;

export abstract class TensorHandle {
  #handle: number;

  constructor(handle: number) {
    this.#handle = handle;
  }

  /** The handle of a tensor: 0 once it has been freed, {@link NOT_A_TENSOR} for anything else. */
  static handleOf(value: unknown): number {
    return typeof value === "object" && value !== null && #handle in value ? value.#handle : NOT_A_TENSOR;
  }

  /** Takes the handle away, after which the tensor counts as freed; the caller releases it. */
  static takeHandle(tensor: TensorHandle): number {
    const handle = tensor.#handle;
    tensor.#handle = 0;
    return handle;
  }
}
