/**
 * Searches that no policy has made yet, but one that explores will: questions as they are, queries that name nothing,
 * another question's queries. A simulator that never saw what a real engine returns for them makes it up.
 */
import { setMaxListeners } from "node:events";
import { setImmediate } from "node:timers/promises";
import pLimit from "p-limit";
import { writeDurableFile } from "../run/durable-file.ts";
import { createSearchEngine } from "../search/create-search-engine.ts";
import type { QueryEngine } from "../search/search-engine.ts";
import type { AuditQuery } from "./audit-query.ts";
import {
  type CollectedSearch,
  collectedSearchSchema,
  pageDocument,
  readSearches,
  type SearchInPlace,
} from "./collected-search.ts";
import type { ProbeConfig } from "./probe-config.ts";
import { COLLECTED, makeAuditQueries } from "./query-kinds.ts";

export interface ProbeHooks {
  /** Where keys come from. Default the process's. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** How many searches were written, by the kind of their query. */
export type ProbeSummary = Readonly<Record<string, number>>;

/**
 * Makes queries of collected searches, each kind but the collected, asks the engine, and writes what it found, each as the
 * first search of a rollout: what one had been shown before is left out.
 *
 * @throws {ConfigError} the engine's key is missing
 * @throws {DataError} the searches can't be read
 * @throws {SearchError} the engine can't be reached
 * @throws {RunError} the file can't be written
 */
export async function probeEngine(
  { searches, search, out, queriesPerKind, topK, seed, maxConcurrent }: ProbeConfig,
  { environment, onProgress, signal }: ProbeHooks = {},
): Promise<ProbeSummary> {
  const collected: SearchInPlace<CollectedSearch>[] = [];
  for await (const each of readSearches(searches, collectedSearchSchema)) collected.push(each);
  const queries = makeAuditQueries({ questions: [], searches: collected }, { perKind: queriesPerKind, seed });
  const asked = queries.filter(({ kind }) => kind !== COLLECTED);
  const engine = createSearchEngine(search, environment);
  const limit = pLimit(maxConcurrent);
  const stop = new AbortController();
  const ending = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  setMaxListeners(0, ending); // every search under way listens
  try {
    let done = 0;
    const found = await limit.map(asked, async (query) => {
      await setImmediate(); // an engine in this process never waits, and signals would not be heard
      ending.throwIfAborted();
      const line = await searchLine(engine, query, { topK, signal: ending });
      onProgress?.(++done, asked.length);
      return line;
    });
    writeDurableFile(out, found.map((line) => `${JSON.stringify(line)}\n`).join(""));
  } finally {
    stop.abort(); // after a failure nothing more is asked
    await engine.close?.();
  }
  const counts: Record<string, number> = {};
  for (const { kind } of asked) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

async function searchLine(
  engine: QueryEngine,
  { question, query }: AuditQuery,
  options: { readonly topK: number; readonly signal: AbortSignal },
): Promise<CollectedSearch & { readonly event: "search" }> {
  const { id: questionId, text, answers, source } = question;
  const documents = (await engine.search(query, options)).map(pageDocument);
  const identity = { name: engine.name, ...engine.identity };
  return {
    event: "search",
    questionId,
    question: text,
    answers,
    source,
    query,
    documents,
    engine: identity,
    sample: 0,
    turn: 0,
  };
}
