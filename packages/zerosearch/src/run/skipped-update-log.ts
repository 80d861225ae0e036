/** `skipped-updates.jsonl`: updates whose loss or gradient was no number, with what they would have learned from. */
import { readExactJson, writeExactJson } from "./exact-json.ts";
import { JsonlLog, readLines } from "./jsonl-log.ts";
import type { SkippedUpdateLine } from "./run-files.ts";

export class SkippedUpdateLog extends JsonlLog {
  /** @throws {RunError} it can't be written */
  write(line: SkippedUpdateLine): void {
    this.append(writeExactJson(line));
  }
}

/** Every skipped update, in order; a torn last line is left out. */
export function readSkippedUpdates(path: string): AsyncGenerator<SkippedUpdateLine> {
  return readLines(path, (line) => readExactJson(line) as SkippedUpdateLine);
}
