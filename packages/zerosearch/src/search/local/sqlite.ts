/**
 * SQLite with FTS5, synchronously: Node's own where it has one with FTS5, else the `libsql` package. Only what both
 * offer alike is declared.
 */
import { createRequire } from "node:module";

type SqliteValue = string | number | null;

export interface SqliteStatement {
  run(...values: SqliteValue[]): unknown;
  /** The first row. */
  get(...values: SqliteValue[]): unknown;
  all(...values: SqliteValue[]): unknown[];
}

export interface Sqlite {
  exec(sql: string): unknown;
  prepare(sql: string): SqliteStatement;
  close(): unknown;
}

interface NodeSqlite {
  DatabaseSync: new (path: string) => Sqlite;
}

/**
 * Opens a database, or makes an empty one if there is none.
 *
 * @param path  a file, or `:memory:`
 */
export function openSqlite(path: string): Sqlite {
  const builtin = process.getBuiltinModule("node:sqlite") as NodeSqlite | undefined;
  if (builtin !== undefined) {
    const database = new builtin.DatabaseSync(path);
    if (hasFts5(database)) return database;
    database.close();
  }
  const require = createRequire(import.meta.url);
  const Libsql = require("libsql") as new (path: string) => Sqlite;
  return new Libsql(path);
}

function hasFts5(database: Sqlite): boolean {
  const row = database.prepare("SELECT sqlite_compileoption_used('ENABLE_FTS5') AS used").get() as { used: number };
  return row.used === 1;
}
