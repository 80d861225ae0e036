/** Rows of parquet files as plain JSON values, nested ones included, one group of rows in memory at a time. */
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";

/** Rows in order. Whole numbers that a double can't hold become strings; times become ISO strings. */
export async function* readParquetRows(
  path: string,
  skipColumns: ReadonlySet<string> = new Set(),
): AsyncGenerator<unknown> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const names = parquetSchema(metadata).children.map(({ element }) => element.name);
  const columns = names.filter((name) => !skipColumns.has(name));
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const rows: unknown[] = await parquetReadObjects({ file, metadata, columns, rowStart, rowEnd, compressors });
    for (const row of rows) yield plain(row);
    rowStart = rowEnd;
  }
}

/** Names in the file's order. */
export async function parquetColumns(path: string): Promise<string[]> {
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(path));
  return parquetSchema(metadata).children.map(({ element }) => element.name);
}

function plain(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
