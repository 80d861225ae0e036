/** Files of questions and of records from one format into another. */
import { DataError } from "../core/errors.ts";
import { dataColumns } from "../data/data-rows.ts";
import { loadQuestions, type SkippedRow } from "../data/load-questions.ts";
import { writeQuestions } from "../data/write-questions.ts";
import { type RecordSchema, recordSchemaOf } from "./record-row.ts";
import { readRecords, scanRecords } from "./records.ts";
import { writeRecords } from "./write-records.ts";

export interface ConvertOptions {
  /** Of records; by default ours, `prompt-completion`. */
  readonly schema?: RecordSchema;
  /** Of questions as parquet: what `extra_info.split` says. */
  readonly split?: string;
  /** Leaves out what is no question or record, and lists it. Default false: it is an error. */
  readonly skipInvalid?: boolean;
}

export interface Converted {
  readonly kind: "questions" | "records";
  readonly written: number;
  readonly skipped: readonly SkippedRow[];
}

/**
 * Reads one file and writes another; what it is by columns, how it is written by the name's ending.
 *
 * @throws {DataError} a file can't be read or written, a row is invalid, or its content has no place in the other form
 */
export async function convertData(input: string, output: string, options: ConvertOptions = {}): Promise<Converted> {
  const { schema, split, skipInvalid = false } = options;
  if (recordSchemaOf(await dataColumns(input))) {
    const { records, problems } = skipInvalid
      ? await scanRecords(input)
      : { records: await readRecords(input), problems: [] };
    await writeRecords(output, records, schema ?? "prompt-completion");
    return { kind: "records", written: records.length, skipped: problems };
  }
  if (schema !== undefined) throw new DataError(`${input} holds questions, which can't be written as ${schema}`);
  const { questions, skipped } = await loadQuestions(input, { skipInvalid });
  await writeQuestions(output, questions, split === undefined ? {} : { split });
  return { kind: "questions", written: questions.length, skipped };
}
