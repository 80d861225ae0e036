/** The weights of a model folder, in one safetensors file or in several with an index, as one object. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Tensor } from "@zerosearch/torch";
import { ModelFileError } from "../errors.ts";
import { INDEX_FILE, readIndex, SINGLE_FILE } from "./checkpoint-index.ts";
import { openSafetensors, type SafetensorsFile } from "./safetensors-file.ts";
import type { TensorInfo } from "./safetensors-header.ts";

/** Open weights. What {@link SafetensorsFile} says of mapped files holds for each of its files. */
export class Checkpoint implements Disposable {
  readonly folder: string;
  readonly #files: readonly SafetensorsFile[];
  readonly #tensors = new Map<string, { readonly info: TensorInfo; readonly file: SafetensorsFile }>();

  /** Use {@link openCheckpoint}. The files belong to the new object. */
  constructor(folder: string, files: readonly SafetensorsFile[]) {
    this.folder = folder;
    this.#files = files;
    for (const file of files) {
      for (const [name, info] of file.tensors) this.#tensors.set(name, { info, file });
    }
  }

  /** The tensors' names, as their writer gave them. */
  get names(): readonly string[] {
    return [...this.#tensors.keys()];
  }

  /** What the writer of the first file said of it. */
  get metadata(): Readonly<Record<string, string>> {
    return this.#files[0]?.metadata ?? {};
  }

  /** Sum of all tensors. */
  get sizeBytes(): number {
    return [...this.#tensors.values()].reduce((sum, { info }) => sum + info.sizeBytes, 0);
  }

  has(name: string): boolean {
    return this.#tensors.has(name);
  }

  /**
   * Type and shape of a tensor, without touching it.
   *
   * @throws {ModelFileError} there is no such tensor
   */
  info(name: string): TensorInfo {
    return this.#entry(name).info;
  }

  /**
   * A tensor on the CPU, the caller's. It shares the mapped memory and outlives this object; writes to it stay in this
   * process.
   *
   * @throws {ModelFileError} there is no such tensor
   */
  read(name: string): Tensor {
    return this.#entry(name).file.read(name);
  }

  dispose(): void {
    for (const file of this.#files) file.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #entry(name: string): { readonly info: TensorInfo; readonly file: SafetensorsFile } {
    const entry = this.#tensors.get(name);
    if (!entry)
      throw new ModelFileError(`${this.folder}: there is no tensor "${name}" among its ${this.#tensors.size}`);
    return entry;
  }
}

/**
 * Opens the weights of a model folder: `model.safetensors`, or the files that `model.safetensors.index.json` names.
 * Where both exist the single file counts, as in transformers. Headers are checked; no weight is read yet.
 *
 * @throws {ModelFileError} neither exists, a file is missing or malformed, or index and files disagree
 */
export function openCheckpoint(folder: string): Checkpoint {
  const single = join(folder, SINGLE_FILE);
  if (existsSync(single)) return new Checkpoint(folder, [openSafetensors(single)]);
  const indexPath = join(folder, INDEX_FILE);
  if (!existsSync(indexPath)) {
    throw new ModelFileError(`${folder}: it holds no weights, expected ${SINGLE_FILE} or ${INDEX_FILE}`);
  }
  const index = readIndex(indexPath);
  const files: SafetensorsFile[] = [];
  try {
    for (const name of [...new Set(index.values())].sort()) {
      if (!existsSync(join(folder, name))) {
        throw new ModelFileError(`${indexPath}: it names ${name}, which is not in the folder. Fetch that file.`);
      }
      const file = openSafetensors(join(folder, name));
      files.push(file);
      checkShard(index, name, file, indexPath);
    }
    return new Checkpoint(folder, files);
  } catch (error) {
    for (const file of files) file.dispose();
    throw error;
  }
}

function checkShard(index: ReadonlyMap<string, string>, shard: string, file: SafetensorsFile, indexPath: string): void {
  const promised = [...index].filter(([, name]) => name === shard).map(([tensor]) => tensor);
  const lacking = promised.filter((tensor) => !file.tensors.has(tensor));
  if (lacking.length > 0) {
    throw new ModelFileError(`${indexPath}: it places ${quoted(lacking)} in ${shard}, which lacks them`);
  }
  const extra = [...file.tensors.keys()].filter((tensor) => index.get(tensor) !== shard);
  if (extra.length > 0) {
    throw new ModelFileError(
      `${indexPath}: ${shard} holds ${quoted(extra)}, which the index does not place there. Do the files belong together?`,
    );
  }
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => `"${name}"`);
  return names.length > 10 ? `${shown.join(", ")} and ${names.length - 10} more` : shown.join(", ");
}
