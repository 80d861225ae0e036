/** Writes the weights of a model folder: one file, or several with an index, as transformers names them. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Tensor } from "@zerosearch/torch";
import { RequestError } from "../errors.ts";
import { INDEX_FILE, SINGLE_FILE } from "./checkpoint-index.ts";
import { type StagedFile, stageFile } from "./staged-file.ts";
import { type NamedTensor, stageSafetensors, tensorBytes } from "./write-safetensors.ts";

/** How the weights of a model folder are written. */
export interface WriteCheckpointOptions {
  /** A file holds at most this much, unless a single tensor is larger. Default 5 GB. */
  readonly maxShardBytes?: number;
  /** Strings for the reader, in every file. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes a model's weights into a folder, which is made if need be. Everything is on the disk under temporary names
 * before the first old file goes; an interruption while the names change leaves a folder that refuses to open, or one
 * of the two versions, never a mixture. Weights of an earlier save that the new one lacks are removed.
 *
 * @param tensors  borrowed; their order decides which share a file
 * @throws {RequestError} a name occurs twice, or `maxShardBytes` is no positive number
 */
export function writeCheckpoint(
  folder: string,
  tensors: Iterable<NamedTensor>,
  { maxShardBytes = 5e9, metadata = {} }: WriteCheckpointOptions = {},
): void {
  if (!(maxShardBytes > 0)) throw new RequestError(`maxShardBytes must be above 0, got ${maxShardBytes}`);
  const all = new Map<string, Tensor>();
  for (const [name, tensor] of tensors) {
    if (all.has(name)) throw new RequestError(`${folder}: two tensors can't have the name "${name}"`);
    all.set(name, tensor);
  }
  mkdirSync(folder, { recursive: true });
  const files = planFiles([...all], maxShardBytes);
  const staged: StagedFile[] = [];
  try {
    for (const [file, members] of files) staged.push(stageSafetensors(join(folder, file), members, metadata));
    const isSharded = files.size > 1;
    if (isSharded) staged.push(stageIndex(folder, files));
    rmSync(join(folder, INDEX_FILE), { force: true });
    for (const file of staged) file.commit();
    removeOthers(folder, new Set([...files.keys(), ...(isSharded ? [INDEX_FILE] : [])]));
  } finally {
    for (const file of staged) file.discard();
  }
}

/** Fills files in order: a tensor that no longer fits opens the next one. */
function planFiles(
  tensors: readonly NamedTensor[],
  maxShardBytes: number,
): ReadonlyMap<string, readonly NamedTensor[]> {
  const shards: NamedTensor[][] = [[]];
  let used = 0;
  for (const named of tensors) {
    const size = tensorBytes(named[1]);
    if (used > 0 && used + size > maxShardBytes) {
      shards.push([]);
      used = 0;
    }
    shards.at(-1)?.push(named);
    used += size;
  }
  if (shards.length === 1) return new Map([[SINGLE_FILE, tensors]]);
  const number = (value: number) => String(value).padStart(5, "0");
  return new Map(shards.map((shard, i) => [`model-${number(i + 1)}-of-${number(shards.length)}.safetensors`, shard]));
}

function stageIndex(folder: string, files: ReadonlyMap<string, readonly NamedTensor[]>): StagedFile {
  const places = [...files].flatMap(([file, members]) =>
    members.map(([name, tensor]) => ({ name, file, size: tensorBytes(tensor), count: tensor.numel })),
  );
  places.sort((a, b) => (a.name < b.name ? -1 : 1));
  const index = {
    metadata: {
      total_parameters: places.reduce((sum, { count }) => sum + count, 0),
      total_size: places.reduce((sum, { size }) => sum + size, 0),
    },
    weight_map: Object.fromEntries(places.map(({ name, file }) => [name, file])),
  };
  const bytes = new TextEncoder().encode(`${JSON.stringify(index, null, 2)}\n`);
  return stageFile(join(folder, INDEX_FILE), (append) => append(bytes));
}

function removeOthers(folder: string, kept: ReadonlySet<string>): void {
  for (const name of readdirSync(folder)) {
    const isWeights = /^model(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?$/.test(name);
    if (isWeights && !kept.has(name)) rmSync(join(folder, name));
  }
}
