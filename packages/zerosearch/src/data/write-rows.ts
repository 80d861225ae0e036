/** Rows into files, by the name's ending: JSON lines, one JSON array, CSV, parquet with nested columns. */
import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import type { SchemaElement } from "hyparquet";
import { parquetWriteBuffer } from "hyparquet-writer";
import { DataError } from "../core/errors.ts";

export type WrittenRow = Readonly<Record<string, unknown>>;

/**
 * @param columns  of a parquet file, each its name's element and those beneath it; see {@link textColumn} and its like
 * @throws {DataError} the name ends otherwise, or the file can't be written
 */
export async function writeRows(
  path: string,
  rows: readonly WrittenRow[],
  columns: readonly SchemaElement[][],
): Promise<void> {
  await writeFile(path, contentOf(path, rows, columns)).catch((cause: unknown) => {
    throw new DataError(`${path} can't be written: ${cause instanceof Error ? cause.message : cause}`, { cause });
  });
}

function contentOf(
  path: string,
  rows: readonly WrittenRow[],
  columns: readonly SchemaElement[][],
): string | Uint8Array {
  switch (extname(path).toLowerCase()) {
    case ".jsonl":
      return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    case ".json":
      return `${JSON.stringify(rows, null, 1)}\n`;
    case ".csv":
      return csvText(rows);
    case ".parquet":
      return new Uint8Array(parquetBytes(rows, columns));
    default:
      throw new DataError(`${path}: expected a name that ends in .jsonl, .json, .csv, .parquet`);
  }
}

/** What is no text stands in a cell as JSON; what is missing leaves it empty. */
function csvText(rows: readonly WrittenRow[]): string {
  const names = [...new Set(rows.flatMap(Object.keys))];
  const line = (cells: readonly unknown[]): string => `${cells.map(csvCell).join(",")}\n`;
  return [line(names), ...rows.map((row) => line(names.map((name) => row[name])))].join("");
}

function csvCell(value: unknown): string {
  const text = typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function parquetBytes(rows: readonly WrittenRow[], columns: readonly SchemaElement[][]): ArrayBuffer {
  // Without a schema the writer makes strings of JSON out of whatever is nested, which no other program takes for lists.
  return parquetWriteBuffer({
    schema: [{ name: "schema", num_children: columns.length }, ...columns.flat()],
    columnData: columns.map(([element]) => {
      const name = element?.name ?? "";
      return { name, data: rows.map((row) => row[name] ?? null) };
    }),
  });
}

export function textColumn(name: string): SchemaElement[] {
  return [{ name, type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" }];
}

export function jsonColumn(name: string): SchemaElement[] {
  return [{ name, type: "BYTE_ARRAY", converted_type: "JSON", repetition_type: "OPTIONAL" }];
}

/** Values are bigints for INT64, numbers for DOUBLE. */
export function numberColumn(name: string, type: "INT64" | "DOUBLE"): SchemaElement[] {
  return [{ name, type, repetition_type: "OPTIONAL" }];
}

export function structColumn(name: string, ...fields: SchemaElement[][]): SchemaElement[] {
  return [{ name, repetition_type: "OPTIONAL", num_children: fields.length }, ...fields.flat()];
}

/** In three levels, as the format wants lists. */
export function listColumn(name: string, element: SchemaElement[]): SchemaElement[] {
  return [
    { name, converted_type: "LIST", repetition_type: "OPTIONAL", num_children: 1 },
    { name: "list", repetition_type: "REPEATED", num_children: 1 },
    ...element,
  ];
}
