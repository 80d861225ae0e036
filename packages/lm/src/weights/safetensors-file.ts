/** One safetensors file, mapped into memory. */
import { statSync } from "node:fs";
import { keep, mapFile, type Tensor, tidy, UseAfterFreeError } from "@zerosearch/torch";
import { ModelFileError } from "../errors.ts";
import { nameOfDtype } from "./safetensors-dtype.ts";
import { headerLength, parseHeader, type SafetensorsHeader, type TensorInfo } from "./safetensors-header.ts";

/**
 * An open safetensors file. Its tensors are read by the system when they are touched, and only then.
 *
 * The file must not be truncated or overwritten in place while it, or a tensor read from it, is alive: the system ends
 * a process that touches a page beyond the new end (SIGBUS), and changed bytes appear in the tensors. Replacing the
 * file by renaming another one over it, as the writers of this package do, is safe.
 */
export class SafetensorsFile implements Disposable {
  readonly path: string;
  readonly #header: SafetensorsHeader;
  readonly #dataStart: number;
  readonly #bytes: Tensor;

  /** Use {@link openSafetensors}. `bytes` belongs to the new object. */
  constructor(path: string, bytes: Tensor) {
    this.path = path;
    this.#bytes = bytes;
    const length = headerLength(copyBytes(bytes, 0, Math.min(8, bytes.numel)), bytes.numel, path);
    this.#dataStart = 8 + length;
    this.#header = parseHeader(copyBytes(bytes, 8, length), bytes.numel - this.#dataStart, path);
  }

  /** What the file's writer said of it, such as `format`. */
  get metadata(): Readonly<Record<string, string>> {
    return this.#header.metadata;
  }

  /** Names, types and shapes, in the order of their bytes. */
  get tensors(): ReadonlyMap<string, TensorInfo> {
    return this.#header.tensors;
  }

  /**
   * A tensor of the file, on the CPU; the caller's. It shares the mapped memory, so it stays valid after the file
   * object is disposed of, and writes to it stay in this process. Where its first byte is not aligned for its type, it
   * is a copy.
   *
   * @throws {ModelFileError} the file has no such tensor
   */
  read(name: string): Tensor {
    const info = this.tensors.get(name);
    if (!info) throw new ModelFileError(`${this.path}: there is no tensor "${name}" among its ${this.tensors.size}`);
    if (this.#bytes.isDisposed) throw new UseAfterFreeError("read", this.path);
    const start = this.#dataStart + info.start;
    return tidy(() => {
      const slice = this.#bytes.narrow(0, start, info.sizeBytes);
      const isAligned = start % nameOfDtype(info.dtype).bytes === 0;
      return (isAligned ? slice : slice.clone()).viewDtype(info.dtype).view(info.shape);
    });
  }

  dispose(): void {
    this.#bytes.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * Maps a safetensors file and checks its header. Nothing else is read.
 *
 * @throws {ModelFileError} it is missing, can't be mapped or is malformed
 */
export function openSafetensors(path: string): SafetensorsFile {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile()) {
    throw new ModelFileError(`${path}: ${stat ? "this is no regular file" : "there is no such file"}`);
  }
  let bytes: Tensor;
  try {
    bytes = keep(mapFile(path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelFileError(`${path}: it can't be mapped into memory: ${reason}`, { cause });
  }
  try {
    return new SafetensorsFile(path, bytes);
  } catch (error) {
    bytes.dispose();
    throw error;
  }
}

function copyBytes(bytes: Tensor, start: number, length: number): Uint8Array {
  return tidy(() => new Uint8Array(bytes.narrow(0, start, length).toTypedArray().buffer));
}
