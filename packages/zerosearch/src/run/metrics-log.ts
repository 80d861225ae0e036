/** `metrics.jsonl`: one line per step. */
import { readExactJson, writeExactJson } from "./exact-json.ts";
import { JsonlLog, readLines } from "./jsonl-log.ts";
import type { MetricsLine } from "./run-files.ts";

export class MetricsLog extends JsonlLog {
  /** @throws {RunError} it can't be written */
  write(line: MetricsLine): void {
    this.append(writeExactJson(line));
  }
}

/** Every step's metrics, in order; a torn last line is left out. */
export function readMetrics(path: string): AsyncGenerator<MetricsLine> {
  return readLines(path, (line) => readExactJson(line) as MetricsLine);
}
