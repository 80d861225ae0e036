/**
 * Results kept on the disk, each in a file named by the hash of what determines it: the engine's identity, the query and
 * topK. A run can be repeated from them without any service. Failures are never kept.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { SearchError } from "../core/errors.ts";
import { checkSearch } from "./check-search.ts";
import type { Document, QueryEngine, SearchOptions } from "./search-engine.ts";
import { withoutSearch } from "./with-retry.ts";

export interface CacheOptions {
  /** Made when the first result is kept. Several processes may share it. */
  readonly folder: string;
  /** Answer from the folder alone: a query that is not there fails. */
  readonly offline?: boolean;
}

const document = z.object({
  text: z.string(),
  title: z.string().optional(),
  id: z.string().optional(),
  url: z.string().optional(),
  score: z.number().optional(),
});

const entrySchema = z.object({
  identity: z.record(z.string(), z.unknown()),
  query: z.string(),
  topK: z.int(),
  documents: z.array(document),
});

export function withCache(engine: QueryEngine, { folder, offline = false }: CacheOptions): QueryEngine {
  return {
    ...withoutSearch(engine),
    async search(query, options) {
      checkSearch(engine.name, options);
      const path = entryPath(folder, engine, query, options);
      const kept = await readEntry(path);
      if (kept !== undefined) return kept;
      if (offline) throw missing(engine, folder, query);
      const documents = await engine.search(query, options);
      await writeEntry(path, { identity: engine.identity, query, topK: options.topK, documents });
      return documents;
    },
  };
}

function missing({ name }: QueryEngine, folder: string, query: string): SearchError {
  const message =
    `${name}: ${folder} holds no result for ${JSON.stringify(query.slice(0, 100))} with this engine and topK, ` +
    "and searching is switched off (offline). Search once without it.";
  return new SearchError(message, { kind: "rejected" });
}

function entryPath(folder: string, { identity }: QueryEngine, query: string, { topK }: SearchOptions): string {
  const hash = createHash("sha256")
    .update(JSON.stringify([identity, query, topK]))
    .digest("hex");
  return join(folder, hash.slice(0, 2), `${hash}.json`);
}

async function readEntry(path: string): Promise<readonly Document[] | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new SearchError(`${path} can't be read: ${error.message}.`, { kind: "malformed", cause: error });
  });
  if (text === undefined) return undefined;
  try {
    return entrySchema.parse(JSON.parse(text)).documents.map(withoutUndefined);
  } catch (cause) {
    throw new SearchError(`${path} is no result that was kept here: delete it.`, { kind: "malformed", cause });
  }
}

function withoutUndefined({ text, title, id, url, score }: z.infer<typeof document>): Document {
  return {
    text,
    ...(title !== undefined && { title }),
    ...(id !== undefined && { id }),
    ...(url !== undefined && { url }),
    ...(score !== undefined && { score }),
  };
}

/** The file appears whole, whoever else writes it at the same time. */
async function writeEntry(path: string, entry: object): Promise<void> {
  const staged = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(staged, `${JSON.stringify(entry)}\n`);
    await rename(staged, path);
  } catch (error) {
    await rm(staged, { force: true });
    throw error;
  }
}
