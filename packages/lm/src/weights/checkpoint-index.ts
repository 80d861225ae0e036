/** The index of a checkpoint in several files: which file holds which tensor. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { ModelFileError } from "../errors.ts";
import { duplicateKey } from "./duplicate-key.ts";

/** The file of a checkpoint in one piece. */
export const SINGLE_FILE = "model.safetensors";
/** The index of a checkpoint in several. */
export const INDEX_FILE = "model.safetensors.index.json";

/**
 * Reads an index.
 *
 * @returns for each tensor the name of the file that holds it, beside the index
 * @throws {ModelFileError} it is malformed, or names a file outside its folder
 */
export function readIndex(path: string): ReadonlyMap<string, string> {
  const text = readFileSync(path, "utf8");
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new ModelFileError(`${path}: not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const duplicate = duplicateKey(text);
  if (duplicate !== undefined) throw new ModelFileError(`${path}: it has the name "${duplicate}" twice`);
  const map = isObject(parsed) ? parsed.weight_map : undefined;
  if (!isObject(map)) {
    throw new ModelFileError(`${path}: weight_map must be an object of file names, got ${JSON.stringify(map)}`);
  }
  const files = new Map<string, string>();
  for (const [name, file] of Object.entries(map)) {
    if (typeof file !== "string" || file === "" || file !== basename(file) || file === "..") {
      throw new ModelFileError(
        `${path}: tensor "${name}" must be in a file of the same folder, got ${JSON.stringify(file)}`,
      );
    }
    files.set(name, file);
  }
  return files;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
