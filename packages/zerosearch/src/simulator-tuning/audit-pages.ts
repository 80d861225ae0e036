/** The pages of an audit: each query is asked of the simulator, under both labels, and of the real engine. */
import { setMaxListeners } from "node:events";
import { SearchError } from "../core/errors.ts";
import type { Intent, QueryEngine } from "../search/search-engine.ts";
import type { Gate } from "../search/simulator/gate.ts";
import { type PageWriter, writePage } from "../search/simulator/write-page.ts";
import type { AuditQuery } from "./audit-query.ts";
import type { PageDocument } from "./collected-search.ts";

/** A simulator as rollouts would use it. */
export interface AuditedSimulator extends PageWriter {
  readonly gate: Gate;
}

/** Documents; none if what the simulator wrote can't be parsed, or the real engine found nothing. */
export type Page = readonly PageDocument[];

/** What came of one query. */
export interface AuditCase {
  readonly query: AuditQuery;
  /** Whether the gate lets the truth be told. */
  readonly isDeserved: boolean;
  /** Absent where it is not known. */
  readonly real?: Page;
  /** Asked for a useful page; from which the truth is withheld, where it is not deserved. */
  readonly useful: Page;
  /** Asked for a noisy page. Where the truth is withheld that is the same page, and left out. */
  readonly noisy?: Page;
}

export interface AskForPagesOptions {
  /** Documents of a page. */
  readonly topK: number;
  readonly seed: number;
  /** Asked where a query does not bring its page along. */
  readonly real?: Pick<QueryEngine, "search"> | undefined;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/** @throws {SearchError} simulator or engine can't be reached; a page that can't be parsed is none */
export async function askForPages(
  simulator: AuditedSimulator,
  queries: readonly AuditQuery[],
  { topK, seed, real, onProgress, signal }: AskForPagesOptions,
): Promise<AuditCase[]> {
  const stop = new AbortController();
  const ending = AbortSignal.any(signal ? [signal, stop.signal] : [stop.signal]);
  setMaxListeners(0, ending); // every page under way listens
  let done = 0;
  const cases = queries.map(async (query): Promise<AuditCase> => {
    const isDeserved = simulator.gate(query);
    const write = (intent: Intent): Promise<Page> => {
      const key = [seed, "audit", query.kind, query.question.id, query.query, intent];
      return pageOrNone(writePage(simulator, { ...query, topK, intent, isDeserved, key }, ending));
    };
    const [known, useful, noisy] = await Promise.all([
      query.documents?.slice(0, topK) ?? real?.search(query.query, { topK, signal: ending }),
      write("useful"),
      isDeserved ? write("noisy") : undefined,
    ]);
    onProgress?.(++done, queries.length);
    return { query, isDeserved, useful, ...(known && { real: known }), ...(noisy && { noisy }) };
  });
  try {
    return await Promise.all(cases);
  } finally {
    stop.abort();
    await Promise.allSettled(cases); // nothing goes on behind the caller's back
  }
}

async function pageOrNone(page: Promise<{ readonly documents: Page }>): Promise<Page> {
  try {
    return (await page).documents;
  } catch (error) {
    if (error instanceof SearchError && error.kind === "malformed") return [];
    throw error;
  }
}
