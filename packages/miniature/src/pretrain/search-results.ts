/** What a search brings in training texts: the real engine's documents, or those of them that lead nowhere. */
import { formatDocuments, type Passage, type QueryEngine } from "@zerosearch/zerosearch";
import { TOP_K } from "../recipe.ts";
import type { RandomStream } from "../world/random-stream.ts";

/** Hits among which five without the truth are looked for. */
const DEPTH = 12;

export interface SearchResults {
  /** As the engine returns them. */
  readonly real: readonly string[];
  /** The hits that hold none of the names that are sought. */
  readonly noisy: readonly string[];
}

/** A corpus and the engine that searches it. */
export interface SearchedCorpus {
  readonly passages: readonly Passage[];
  readonly engine: Pick<QueryEngine, "search">;
}

/** @param sought  names that a noisy document must not hold: the next hop's object and the answer */
export async function searchResults(
  { passages, engine }: SearchedCorpus,
  query: string,
  sought: readonly string[],
  random: RandomStream,
): Promise<SearchResults> {
  const hits = (await engine.search(query, { topK: DEPTH })).map(({ text }) => text);
  const real = hits.slice(0, TOP_K);
  const noisy = hits.filter((text) => !sought.some((name) => text.includes(name))).slice(0, TOP_K);
  for (const documents of [real, noisy]) {
    while (documents.length < TOP_K) documents.push(random.pick(passages).text); // few hits: anything else
  }
  return { real, noisy };
}

/** Documents as a policy reads them and a simulator writes them. */
export function formatPage(texts: readonly string[]): string {
  return formatDocuments(texts.map((text) => ({ text }))).text;
}
