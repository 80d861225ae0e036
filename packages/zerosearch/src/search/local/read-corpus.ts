/** Corpora as files, read as they stream by: JSON lines, parquet, plain text. */
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { ConfigError, DataError } from "../../core/errors.ts";
import type { Passage } from "./passage.ts";
import { PASSAGE_COLUMNS, passageOf } from "./passage-row.ts";
import { readLines } from "./read-lines.ts";

export interface CorpusOptions {
  /** What a passage of a plain text file is: a line, or lines up to the next blank one. By default a line. */
  readonly textUnit?: "line" | "paragraph";
}

/** Rows decoded at a time. */
const PARQUET_ROWS = 10_000;

/**
 * The passages of a corpus, in its order.
 *
 * @param path  `.jsonl` or `.ndjson` with `{id, title, text}` or Search-R1's `{id, contents}` per line; `.parquet` with
 *   such columns; `.txt`, whose passages are called by their line. All but parquet may be `.gz`.
 * @throws {ConfigError} the name ends otherwise
 * @throws {DataError} naming file and line (row, in parquet) of what can't be read
 */
export function readCorpus(path: string, { textUnit = "line" }: CorpusOptions = {}): AsyncIterable<Passage> {
  if (/\.(jsonl|ndjson)(\.gz)?$/u.test(path)) return readJsonLines(path);
  if (path.endsWith(".parquet")) return readParquet(path);
  if (/\.txt(\.gz)?$/u.test(path)) return textUnit === "line" ? readTextLines(path) : readParagraphs(path);
  throw new ConfigError(
    `${path}: a corpus is .jsonl, .ndjson, .txt (each also .gz) or .parquet. Rename or convert it.`,
  );
}

async function* readJsonLines(path: string): AsyncGenerator<Passage> {
  for await (const { number, text } of readLines(path)) {
    if (text.trim() !== "") yield located(`${path}:${number}`, () => passageOf(JSON.parse(text), number));
  }
}

async function* readTextLines(path: string): AsyncGenerator<Passage> {
  for await (const { number, text } of readLines(path)) {
    if (text.trim() !== "") yield { id: String(number), text: text.trim() };
  }
}

async function* readParagraphs(path: string): AsyncGenerator<Passage> {
  let first = 0;
  let lines: string[] = [];
  for await (const { number, text } of readLines(path)) {
    if (text.trim() !== "") {
      if (lines.length === 0) first = number;
      lines.push(text.trim());
    } else if (lines.length > 0) {
      yield { id: String(first), text: lines.join("\n") };
      lines = [];
    }
  }
  if (lines.length > 0) yield { id: String(first), text: lines.join("\n") };
}

async function* readParquet(path: string): AsyncGenerator<Passage> {
  const { file, metadata } = await openParquet(path);
  const present = parquetSchema(metadata).children.map(({ element }) => element.name);
  const columns = PASSAGE_COLUMNS.filter((column) => present.includes(column));
  if (!columns.includes("text") && !columns.includes("contents")) {
    throw new DataError(`${path} has the columns ${present.join(", ")}, expected "text" or "contents" among them.`);
  }
  const total = Number(metadata.num_rows);
  for (let rowStart = 0; rowStart < total; rowStart += PARQUET_ROWS) {
    const rowEnd = Math.min(rowStart + PARQUET_ROWS, total);
    const rows = await readRows(`${path}, rows ${rowStart + 1} to ${rowEnd}`, () =>
      parquetReadObjects({ file, metadata, columns, rowStart, rowEnd, compressors }),
    );
    for (const [at, row] of rows.entries()) {
      const number = rowStart + at + 1;
      yield located(`${path}, row ${number}`, () => passageOf(row, number));
    }
  }
}

async function openParquet(path: string) {
  return readRows(path, async () => {
    const file = await asyncBufferFromFile(path);
    return { file, metadata: await parquetMetadataAsync(file) };
  });
}

async function readRows<T>(place: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new DataError(`${place}: can't be read as parquet: ${messageOf(cause)}`, { cause });
  }
}

function located(place: string, read: () => Passage): Passage {
  try {
    return read();
  } catch (cause) {
    throw new DataError(`${place}: ${messageOf(cause)}. Expected {id, title, text} or {id, contents}.`, { cause });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
