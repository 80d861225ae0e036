/** Files that appear whole or not at all: written under another name, then renamed. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** A complete file that waits under another name. */
export interface StagedFile {
  /** Takes its place, replacing what was there. Readers that have the old file open keep it. */
  commit(): void;
  /** Removes it. Does nothing after a commit. */
  discard(): void;
}

/**
 * Writes a file under a temporary name in its own folder and flushes it to the disk.
 *
 * @param write  gets a function that appends bytes; if it throws, nothing is left behind
 */
export function stageFile(path: string, write: (append: (bytes: Uint8Array) => void) => void): StagedFile {
  const staged = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  const discard = () => rmSync(staged, { force: true });
  try {
    const file = openSync(staged, "w");
    try {
      write((bytes) => writeAll(file, bytes));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    discard();
    throw error;
  }
  return {
    commit() {
      renameSync(staged, path);
      flushFolder(dirname(path));
    },
    discard,
  };
}

/** Writes a file and puts it in its place in one go. */
export function replaceFile(path: string, bytes: Uint8Array): void {
  stageFile(path, (append) => append(bytes)).commit();
}

/** Makes renames and removals in a folder survive a power failure. */
function flushFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
}
