/** The rows of a data file, whatever its format: parquet, JSON lines, one JSON array, CSV. */
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { extname } from "node:path";
import { parse as parseCsv } from "csv-parse";
import { DataError } from "../core/errors.ts";
import { parquetColumns, readParquetRows } from "./parquet-rows.ts";
import { textLines } from "./text-lines.ts";

/** A row as its file has it, or why there is none. */
export type DataRow = {
  /** For messages, such as `line 12`. */
  readonly place: string;
} & ({ readonly value: unknown } | { readonly problem: string });

export interface ReadDataRowsOptions {
  /** Columns of parquet files that are not read: they may be half of the bytes. */
  readonly skipColumns?: ReadonlySet<string>;
}

type Reader = (path: string, options: ReadDataRowsOptions) => AsyncGenerator<DataRow>;

const READERS: Readonly<Record<string, Reader>> = {
  ".parquet": readParquet,
  ".jsonl": readJsonLines,
  ".json": readJsonArray,
  ".csv": readCsv,
};

/**
 * Rows in the file's order. A line that can't be read becomes a row with a problem; a file that can't is an error.
 *
 * @throws {DataError} it is missing, of another format, or damaged
 */
export async function* readDataRows(path: string, options: ReadDataRowsOptions = {}): AsyncGenerator<DataRow> {
  const reader = await readerOf(path);
  try {
    yield* reader(path, options);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/**
 * The names of a file's columns; where rows are objects, those of the first that can be read.
 *
 * @throws {DataError} as {@link readDataRows}, or no row can be read
 */
export async function dataColumns(path: string): Promise<string[]> {
  const reader = await readerOf(path);
  if (reader === readParquet) {
    return await parquetColumns(path).catch((cause: unknown) => {
      throw unreadable(path, cause);
    });
  }
  let problem: string | undefined;
  for await (const row of readDataRows(path)) {
    if ("value" in row && typeof row.value === "object" && row.value !== null) return Object.keys(row.value);
    problem = `${row.place} ${"problem" in row ? row.problem : `is no object: ${JSON.stringify(row.value)}`}`;
  }
  throw new DataError(problem === undefined ? `${path} has no rows` : `${path}: no row can be read; ${problem}`);
}

async function readerOf(path: string): Promise<Reader> {
  const reader = READERS[extname(path).toLowerCase()];
  if (!reader) {
    throw new DataError(`${path}: expected a file whose name ends in ${Object.keys(READERS).join(", ")}`);
  }
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile()) throw new DataError(`${path}: there is no such file`);
  return reader;
}

function unreadable(path: string, cause: unknown): DataError {
  if (cause instanceof DataError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DataError(`${path}: can't be read as ${extname(path).slice(1)}: ${reason}`, { cause });
}

async function* readParquet(path: string, { skipColumns }: ReadDataRowsOptions): AsyncGenerator<DataRow> {
  let number = 0;
  for await (const value of readParquetRows(path, skipColumns)) yield { place: `row ${++number}`, value };
}

async function* readJsonLines(path: string): AsyncGenerator<DataRow> {
  let number = 0;
  for await (const line of textLines(createReadStream(path))) {
    number++;
    // An empty line is no row, nor is it a mistake: many tools end a file by one.
    if (line.trim() !== "") yield parseLine(`line ${number}`, line);
  }
}

function parseLine(place: string, text: string): DataRow {
  try {
    return { place, value: JSON.parse(text) as unknown };
  } catch (cause) {
    return { place, problem: `is no JSON: ${cause instanceof Error ? cause.message : String(cause)}` };
  }
}

async function* readJsonArray(path: string): AsyncGenerator<DataRow> {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  const rows: unknown = JSON.parse(text);
  if (!Array.isArray(rows)) {
    throw new DataError(`${path}: expected one JSON array of rows. One row per line belongs into a .jsonl file.`);
  }
  for (const [index, value] of rows.entries()) yield { place: `row ${index + 1}`, value };
}

async function* readCsv(path: string): AsyncGenerator<DataRow> {
  // As Python's csv, and as Bamboogle needs it: a quote in the middle of an unquoted field is a quote.
  const options = { columns: true, bom: true, skip_empty_lines: true, info: true, relax_quotes: true } as const;
  const parser = createReadStream(path).pipe(parseCsv(options));
  for await (const entry of parser as AsyncIterable<{ info: { lines: number }; record: Record<string, string> }>) {
    yield { place: `line ${entry.info.lines}`, ...csvValue(entry.record) };
  }
}

/** Lists and objects of these stand in a cell as JSON. */
const JSON_COLUMNS: ReadonlySet<string> = new Set([
  "answers",
  "golden_answers",
  "metadata",
  "conversations",
  "messages",
  "history",
]);

/** An empty cell holds nothing. */
function csvValue(cells: Readonly<Record<string, string>>): { value: unknown } | { problem: string } {
  const value: Record<string, unknown> = {};
  for (const [column, cell] of Object.entries(cells)) {
    if (cell === "") continue;
    try {
      value[column] = JSON_COLUMNS.has(column) && /^[[{]/.test(cell) ? JSON.parse(cell) : cell;
    } catch (cause) {
      return { problem: `${column} is no JSON: ${cause instanceof Error ? cause.message : String(cause)}` };
    }
  }
  return { value };
}
