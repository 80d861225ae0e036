/**
 * What a checkpoint of training holds: models as folders that transformers reads, optimizer moments and the like as
 * safetensors, and everything else (step counts, data position, random state, adaptive KL) as JSON.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type NamedTensor, openSafetensors, writeSafetensors } from "@zerosearch/lm";
import { type Tensor, tidy } from "@zerosearch/torch";
import { RunError } from "../core/errors.ts";
import { readExactJson, writeExactJson } from "./exact-json.ts";
import { onFile } from "./file-failure.ts";

const STATE_FILE = "state.json";

/** A model and whatever belongs to it, such as its tokenizer. */
export interface CheckpointModel {
  /** Of its folder, such as `policy`. */
  readonly name: string;
  readonly save: (folder: string) => void;
}

export interface CheckpointParts {
  readonly models: readonly CheckpointModel[];
  /** By file name without ending, such as `policy-optimizer`. Borrowed. */
  readonly tensors: Readonly<Record<string, Iterable<NamedTensor>>>;
  /** JSON; numbers come back to the bit, NaN and infinities too. */
  readonly state: unknown;
}

/** Writes the parts of a checkpoint into a folder that is there: `write` of `saveToStore`. */
export function writeCheckpointParts(folder: string, { models, tensors, state }: CheckpointParts): void {
  for (const { name, save } of models) {
    const modelFolder = join(folder, checkedName(name));
    mkdirSync(modelFolder, { recursive: true });
    save(modelFolder);
  }
  for (const [name, named] of Object.entries(tensors)) writeSafetensors(tensorFile(folder, name), named);
  writeFileSync(join(folder, STATE_FILE), writeExactJson(state, 1));
}

/** The JSON part. Its shape is the writer's; `RUN_FORMAT` changes where that does. */
export function readCheckpointState(folder: string): unknown {
  const path = join(folder, STATE_FILE);
  return onFile("can't read", path, () => readExactJson(readFileSync(path, "utf8")));
}

/** Where a model was saved: for `loadDecoder` and `loadTokenizer`. */
export function checkpointModelFolder(folder: string, name: string): string {
  return join(folder, checkedName(name));
}

/**
 * Lends the tensors of one file. They are pages of the file, freed afterwards: copy what is to stay.
 *
 * @throws {ModelFileError} there is no such file
 */
export function withCheckpointTensors<T>(
  folder: string,
  name: string,
  use: (tensors: ReadonlyMap<string, Tensor>) => T,
): T {
  using file = openSafetensors(tensorFile(folder, name));
  return tidy(() => use(new Map([...file.tensors.keys()].map((tensor) => [tensor, file.read(tensor)]))));
}

function tensorFile(folder: string, name: string): string {
  return join(folder, `${checkedName(name)}.safetensors`);
}

function checkedName(name: string): string {
  if (/^[a-z\d][a-z\d._-]*$/i.test(name) && name !== STATE_FILE) return name;
  throw new RunError(`a part of a checkpoint must be named by letters, digits, "-", "_" and ".", got "${name}"`);
}
