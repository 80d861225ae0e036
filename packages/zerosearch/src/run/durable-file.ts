/** Files that are whole or absent after a crash: written beside, forced to the disk, renamed. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { onFile } from "./file-failure.ts";

/**
 * Replaces a file's content at once: readers see the old or the new one.
 *
 * @throws {RunError} with the path and the remedy; the old content is still there
 */
export function writeDurableFile(path: string, text: string): void {
  const staged = `${path}.writing-${process.pid}`;
  onFile("can't write", path, () => {
    try {
      writeFileSync(staged, text);
      forceToDisk(staged);
      renameSync(staged, path);
      forceToDisk(dirname(path));
    } finally {
      rmSync(staged, { force: true });
    }
  });
}

/** Waits until a file's bytes, or a folder's names, would survive a loss of power. */
export function forceToDisk(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
