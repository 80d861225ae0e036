/**
 * A corpus on this machine, ranked by BM25 (Robertson & Zaragoza 2009): SQLite's FTS5 with its own `bm25`, k1 = 1.2 and
 * b = 0.75 over title and text as one document. One file, read from the disk while searching, so a corpus larger than
 * memory works; a search blocks this process while SQLite computes and takes time in proportion to the passages that
 * match.
 */
import { statSync } from "node:fs";
import { z } from "zod";
import { DataError, SearchError } from "../../core/errors.ts";
import { checkSearch } from "../check-search.ts";
import type { Document, QueryEngine, SearchOptions } from "../search-engine.ts";
import { type BuildOptions, FORMAT, type IndexFacts, indexFacts, writeIndex } from "./build-index.ts";
import { matchExpression } from "./match-expression.ts";
import type { Passage } from "./passage.ts";
import { openSqlite, type Sqlite, type SqliteStatement } from "./sqlite.ts";

/** Ranks alone are sorted, texts are fetched for the winners only. FTS5's bm25 is negative: the smaller, the better. */
const SEARCH = `
  SELECT passages.id, passages.title, passages.text, -best.score AS score
  FROM (SELECT rowid AS position, bm25(passages) AS score FROM passages WHERE passages MATCH ?
        ORDER BY score, position LIMIT ?) AS best
  JOIN passages ON passages.rowid = best.position
  ORDER BY best.score, best.position`;

const hit = z.object({ id: z.string(), title: z.string().nullable(), text: z.string(), score: z.number() });

/** An index that can be searched. Close it when done. */
export class FtsIndex implements QueryEngine {
  readonly name = "local";
  readonly identity: Readonly<Record<string, unknown>>;
  /** How many passages it holds. */
  readonly passageCount: number;
  readonly #statement: SqliteStatement;
  #database: Sqlite | undefined;

  private constructor(database: Sqlite, { corpusHash, tokenizer, passageCount }: IndexFacts) {
    this.#database = database;
    this.#statement = database.prepare(SEARCH);
    this.passageCount = passageCount;
    this.identity = { engine: "fts5-bm25", format: FORMAT, corpusHash, tokenizer, passageCount };
  }

  /**
   * Indexes a corpus as it streams by. A file appears under its name only when it is complete.
   *
   * @throws {DataError} the corpus is empty or a passage has no text
   */
  static async build(
    passages: Iterable<Passage> | AsyncIterable<Passage>,
    options: BuildOptions & { readonly path?: string } = {},
  ): Promise<FtsIndex> {
    const { path = ":memory:", ...rest } = options;
    const database = await writeIndex(passages, path, rest);
    return database === undefined ? FtsIndex.open(path) : new FtsIndex(database, indexFacts(database));
  }

  /** @throws {DataError} there is no such file, it is damaged, or it is something else */
  static open(path: string): FtsIndex {
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
      throw new DataError(`${path}: there is no such file, expected an index. Build one from a corpus first.`);
    }
    let database: Sqlite | undefined;
    try {
      database = openSqlite(path);
      database.exec("PRAGMA query_only = ON");
      return new FtsIndex(database, indexFacts(database));
    } catch (error) {
      database?.close();
      const reason = error instanceof Error ? error.message : String(error);
      throw new DataError(`${path} is no usable index: ${reason}. Build it again from the corpus.`, { cause: error });
    }
  }

  /**
   * The best passages, equal scores in the corpus's order; none if the query has no letters or digits.
   *
   * @throws {SearchError} the index was closed, or its file was damaged after it was opened
   */
  async search(query: string, options: SearchOptions): Promise<readonly Document[]> {
    checkSearch(this.name, options);
    if (this.#database === undefined) {
      throw new SearchError("The index was closed: open it again to search it.", { kind: "unreachable" });
    }
    const expression = matchExpression(query);
    if (expression === undefined) return [];
    return this.#rows(expression, options.topK).map(({ title, ...rest }) =>
      title === null ? rest : { ...rest, title },
    );
  }

  async close(): Promise<void> {
    this.#database?.close();
    this.#database = undefined;
  }

  #rows(expression: string, topK: number): z.infer<typeof hit>[] {
    try {
      return z.array(hit).parse(this.#statement.all(expression, topK));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SearchError(`The index can't be read: ${reason}. Build it again.`, { kind: "malformed", cause });
    }
  }
}
