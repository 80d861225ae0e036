/**
 * Noise for queries that deserve the truth: what else was collected that fits the query and holds no answer. An engine
 * that answers such queries well leaves no noisy pages to learn from, and a simulator that saw none tells the truth under
 * either label.
 */
import { FtsIndex } from "../search/local/fts-index.ts";
import { holdsAnswer } from "../search/simulator/label-check.ts";
import {
  type CollectedSearch,
  collectedSearchSchema,
  type PageDocument,
  pageDocument,
  readSearches,
} from "./collected-search.ts";

/** Documents looked at for each one that is wanted. */
const LOOKED_AT = 10;

/** All documents of some searches, ranked by BM25. Close it when done. */
export class NoiseSource {
  readonly #index: FtsIndex;

  private constructor(index: FtsIndex) {
    this.#index = index;
  }

  /**
   * Undefined where nothing was found in any search.
   *
   * @throws {DataError} a file can't be read
   */
  static async read(paths: readonly string[]): Promise<NoiseSource | undefined> {
    const documents = new Map<string, PageDocument>();
    for await (const { search } of readSearches(paths, collectedSearchSchema)) {
      for (const document of search.documents) {
        if (document.text.trim() !== "") documents.set(nameOf(document), document);
      }
    }
    if (documents.size === 0) return undefined;
    const passages = [...documents.values()].map((document, i) => ({ id: String(i), ...document }));
    return new NoiseSource(await FtsIndex.build(passages));
  }

  /**
   * The best documents for a search's query that hold none of its question's answers and do not stand on its own page;
   * undefined where there are fewer than `count`.
   */
  async page(
    { query, answers, documents }: Pick<CollectedSearch, "query" | "answers" | "documents">,
    count: number,
  ): Promise<readonly PageDocument[] | undefined> {
    const own = new Set(documents.map(nameOf));
    const found = (await this.#index.search(query, { topK: LOOKED_AT * count })).map(pageDocument);
    const page = found.filter((document) => !own.has(nameOf(document)) && !holdsAnswer([document], answers));
    return page.length < count ? undefined : page.slice(0, count);
  }

  async close(): Promise<void> {
    await this.#index.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** The same for the same document. */
function nameOf({ title, text }: PageDocument): string {
  return JSON.stringify([title, text]);
}
