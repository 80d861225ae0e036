/** How an index is written: one streaming pass in transactions, to a temporary file that is renamed at the end. */
import { createHash, type Hash } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { z } from "zod";
import { DataError } from "../../core/errors.ts";
import type { Passage } from "./passage.ts";
import { openSqlite, type Sqlite } from "./sqlite.ts";

/**
 * How text becomes terms. `porter unicode61`, the default, folds case and accents and strips English endings;
 * `unicode61` does not strip; `trigram` matches any three characters in a row, for scripts without spaces.
 */
export type IndexTokenizer = "porter unicode61" | "unicode61" | "trigram";

export interface BuildOptions {
  readonly tokenizer?: IndexTokenizer;
  /** Called with the number of passages so far, every few thousand and at the end. */
  readonly onProgress?: (passages: number) => void;
  readonly signal?: AbortSignal;
}

/** What a file says about itself. */
export interface IndexFacts {
  readonly corpusHash: string;
  readonly tokenizer: string;
  readonly passageCount: number;
}

/** Raised when a file of before can't be read any more. */
export const FORMAT = 1;
/** "zsix", at the place SQLite reserves for telling applications' files apart. */
const APPLICATION = 0x7a736978;
const BATCH = 5000;

const facts = z.object({ corpusHash: z.string(), tokenizer: z.string(), passageCount: z.int().min(1) });

/** @returns the database if it is in memory; otherwise the file is at `path`, closed */
export async function writeIndex(
  passages: Iterable<Passage> | AsyncIterable<Passage>,
  path: string,
  options: BuildOptions,
): Promise<Sqlite | undefined> {
  if (path === ":memory:") {
    const database = openSqlite(path);
    await fill(database, passages, options);
    return database;
  }
  const staged = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  rmSync(staged, { force: true });
  try {
    const database = openSqlite(staged);
    try {
      database.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
      await fill(database, passages, options);
    } finally {
      database.close();
    }
    flush(staged);
    renameSync(staged, path);
  } catch (error) {
    rmSync(staged, { force: true });
    throw error;
  }
  return undefined;
}

/** @throws {Error} it is another application's database, of another format, or damaged */
export function indexFacts(database: Sqlite): IndexFacts {
  const application = pragma(database, "application_id");
  if (application !== APPLICATION) throw new Error(`its application_id is ${application}, expected ${APPLICATION}`);
  const format = pragma(database, "user_version");
  if (format !== FORMAT) throw new Error(`its format is ${format}, expected ${FORMAT}`);
  const told = facts.parse(database.prepare("SELECT corpusHash, tokenizer, passageCount FROM facts").get());
  const last = z
    .object({ rowid: z.number() })
    .parse(database.prepare("SELECT rowid FROM passages ORDER BY rowid DESC LIMIT 1").get());
  if (last.rowid !== told.passageCount) throw new Error(`it holds ${last.rowid} of its ${told.passageCount} passages`);
  return told;
}

async function fill(
  database: Sqlite,
  passages: Iterable<Passage> | AsyncIterable<Passage>,
  { tokenizer = "porter unicode61", onProgress, signal }: BuildOptions,
): Promise<void> {
  database.exec(`CREATE TABLE facts (corpusHash TEXT, tokenizer TEXT, passageCount INTEGER);
    CREATE VIRTUAL TABLE passages USING fts5(id UNINDEXED, title, text, tokenize = '${tokenizer}')`);
  const insert = database.prepare("INSERT INTO passages (rowid, id, title, text) VALUES (?, ?, ?, ?)");
  const hash = createHash("sha256");
  let count = 0;
  database.exec("BEGIN");
  for await (const passage of passages) {
    count++;
    addToHash(hash, checked(passage, count));
    insert.run(count, passage.id, passage.title ?? null, passage.text);
    if (count % BATCH === 0) {
      database.exec("COMMIT");
      onProgress?.(count);
      // A corpus in memory never waits, and nothing else, not even Ctrl-C, would be heard.
      await setImmediate();
      signal?.throwIfAborted();
      database.exec("BEGIN");
    }
  }
  if (count === 0) throw new DataError("The corpus has no passages: nothing could ever be found in it.");
  database.exec("COMMIT");
  signal?.throwIfAborted();
  onProgress?.(count);
  database.exec("INSERT INTO passages(passages) VALUES ('optimize')");
  database.prepare("INSERT INTO facts VALUES (?, ?, ?)").run(hash.digest("hex"), tokenizer, count);
  database.exec(`PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${FORMAT}`);
}

function checked(passage: Passage, position: number): Passage {
  if (passage.text.trim() !== "") return passage;
  throw new DataError(
    `Passage ${position} (id ${JSON.stringify(passage.id)}) has no text: leave it out of the corpus.`,
  );
}

/** Order and content of every passage count. */
function addToHash(hash: Hash, { id, title, text }: Passage): void {
  hash.update(`${JSON.stringify([id, title ?? null, text])}\n`);
}

function pragma(database: Sqlite, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).get();
  return Number(z.record(z.string(), z.unknown()).parse(row)[name]);
}

function flush(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
