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

/** All documents of some searches, ranked by BM25. Dispose of it when done. */
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
        if (document.text.trim() !== "") documents.set(JSON.stringify([document.title, document.text]), document);
      }
    }
    if (documents.size === 0) return undefined;
    const passages = [...documents.values()].map((document, i) => ({ id: String(i), ...document }));
    return new NoiseSource(await FtsIndex.build(passages));
  }

  /**
   * The best documents for a search's query that hold none of its question's answers; undefined where there are fewer than
   * `count`. The rest of its own page is among them: without it noise is about anything but what was asked (docs/log.md).
   */
  async page(
    { query, answers }: Pick<CollectedSearch, "query" | "answers">,
    count: number,
  ): Promise<readonly PageDocument[] | undefined> {
    const found = (await this.#index.search(query, { topK: LOOKED_AT * count })).map(pageDocument);
    const page = found.filter((document) => !holdsAnswer([document], answers));
    return page.length < count ? undefined : page.slice(0, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#index.close();
  }
}
