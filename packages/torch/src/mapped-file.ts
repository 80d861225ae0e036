/** A file's bytes as a tensor, without reading it: the system brings in the pages that are touched. */
import { type Stats, statSync } from "node:fs";
import { ArgumentError } from "./errors.ts";
import { empty, fromFile } from "./ops.generated.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Maps a file into memory. Writes to the tensor stay in this process (copy on write); the file never changes. Take
 * parts with `narrow` and give them a type with `viewDtype`: neither copies. Don't truncate a mapped file: the system
 * ends a process that reads past the new end.
 *
 * @returns uint8, `[bytes of the file]`
 * @throws {ArgumentError} there is no such file
 */
export function mapFile(path: string): Tensor {
  const stat = statOf(path);
  if (!stat?.isFile()) throw new ArgumentError(`mapFile: ${path} is ${stat ? "no regular file" : "not there"}`);
  if (stat.size === 0) return empty([0], { dtype: "uint8" });
  return fromFile(path, false, stat.size, { dtype: "uint8" });
}

function statOf(path: string): Stats | undefined {
  if (typeof path !== "string") throw new ArgumentError(`mapFile: the path must be a string, got ${typeof path}`);
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw new ArgumentError(`mapFile: ${path} can't be looked at: ${cause instanceof Error ? cause.message : ""}`, {
      cause,
    });
  }
}
