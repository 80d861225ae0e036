/** Prompts with the completions to learn, from JSON, JSON Lines, Parquet or CSV. */
import { DataError } from "../core/errors.ts";
import { dataColumns, readDataRows } from "../data/data-rows.ts";
import type { SkippedRow } from "../data/load-questions.ts";
import { type FineTuneRecord, parseRecordRow, type RecordSchema, recordSchemaOf } from "./record-row.ts";

/**
 * Reads a file of records. The schema is that of the first row's columns.
 *
 * @throws {DataError} naming the row that is no record, or what is wrong with the file
 */
export async function readRecords(path: string): Promise<FineTuneRecord[]> {
  const { records, problems } = await scanRecords(path);
  const [first] = problems;
  if (!first) return records;
  const more = problems.length === 1 ? "" : ` (and ${problems.length - 1} more rows that are no records)`;
  throw new DataError(`${first.path}, ${first.place}: ${first.problem}${more}`);
}

export interface ScannedRecords {
  readonly schema: RecordSchema;
  readonly rowCount: number;
  readonly records: FineTuneRecord[];
  /** Rows that are no records. */
  readonly problems: readonly SkippedRow[];
}

/** As {@link readRecords}, but rows that are no records are listed. */
export async function scanRecords(path: string): Promise<ScannedRecords> {
  const columns = await dataColumns(path);
  const schema = recordSchemaOf(columns);
  if (!schema) {
    throw new DataError(
      `${path}: rows must have prompt and completion, instruction and output, or conversations or messages; ` +
        `the first has ${columns.length === 0 ? "no columns" : columns.join(", ")}`,
    );
  }
  const records: FineTuneRecord[] = [];
  const problems: SkippedRow[] = [];
  let rowCount = 0;
  for await (const row of readDataRows(path)) {
    rowCount++;
    const parsed = "problem" in row ? row : parseRecordRow(row.value, { schema, place: `${path}, ${row.place}` });
    if ("problem" in parsed) problems.push({ path, place: row.place, problem: parsed.problem });
    else records.push(...parsed);
  }
  return { schema, rowCount, records, problems };
}
