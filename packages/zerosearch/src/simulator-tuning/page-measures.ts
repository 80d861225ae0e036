/** What pages are like, whether they tell an answer or not: form, length, variety, and what they share with the real ones. */
import { contentWords, wordsOf } from "../search/simulator/content-words.ts";
import { type Share, shareOf } from "../search/simulator/simulation-statistics.ts";
import type { Page } from "./audit-pages.ts";
import type { PageDocument } from "./collected-search.ts";

export interface PageMeasures {
  readonly pages: number;
  /** Pages with any document. */
  readonly parsed: Share;
  /** Pages with as many documents as were asked for. */
  readonly complete: Share;
  readonly documentsPerPage: number;
  readonly wordsPerDocument: number;
  /** Different pages, one of each query, of those with any document: the same query may well bring the same page. */
  readonly distinctPages: Share;
  /** Different pairs of neighbouring words, of all pairs (distinct-2; Li et al. 2016, arXiv 1510.03055). */
  readonly distinctPairs: Share;
  /** Documents that repeat one above them on their page. */
  readonly repeatedDocuments: Share;
}

/** What pages share with the real engine's for the same queries. */
export interface Agreement {
  readonly pages: number;
  /** Mean overlap of the words that say something (Dice's coefficient of the sets), in [0, 1]. */
  readonly words: number;
  /** Documents that stand on the real page word for word. */
  readonly documents: Share;
  /** Different ones of the real pages, one of each query. */
  readonly distinctReal: Share;
}

/** A page and what it was written for. */
export interface AskedPage {
  readonly query: string;
  readonly page: Page;
}

export function measurePages(asked: readonly AskedPage[], topK: number): PageMeasures {
  const pages = asked.map(({ page }) => page);
  const documents = pages.flat().map(textOf);
  const pairs = documents.flatMap(pairsOf);
  const repeated = pages.flatMap((page) => {
    const texts = page.map(textOf);
    return texts.filter((text, at) => texts.indexOf(text) < at);
  });
  const words = documents.reduce((sum, text) => sum + wordsOf(text).length, 0);
  const filled = pages.filter((page) => page.length > 0);
  return {
    pages: pages.length,
    parsed: shareOf(filled.length, pages.length),
    complete: shareOf(pages.filter((page) => page.length === topK).length, pages.length),
    documentsPerPage: mean(documents.length, pages.length),
    wordsPerDocument: mean(words, documents.length),
    distinctPages: distinct(asked.filter(({ page }) => page.length > 0)),
    distinctPairs: shareOf(new Set(pairs).size, pairs.length),
    repeatedDocuments: shareOf(repeated.length, documents.length),
  };
}

export interface PagePair extends AskedPage {
  readonly real: Page;
}

export function agreementOf(pairs: readonly PagePair[]): Agreement {
  const overlaps = pairs.map(({ page, real }) => dice(keysOf(page), keysOf(real)));
  const documents = pairs.flatMap(({ page, real }) => {
    const known = new Set(real.map(textOf));
    return page.map((document) => known.has(textOf(document)));
  });
  return {
    pages: pairs.length,
    words: mean(
      overlaps.reduce((sum, overlap) => sum + overlap, 0),
      pairs.length,
    ),
    documents: shareOf(documents.filter(Boolean).length, documents.length),
    distinctReal: distinct(pairs.map(({ query, real }) => ({ query, page: real }))),
  };
}

function distinct(asked: readonly AskedPage[]): Share {
  const pageOfQuery = new Map(asked.map(({ query, page }) => [query, page.map(textOf).join("\n")]));
  return shareOf(new Set(pageOfQuery.values()).size, pageOfQuery.size);
}

/** Without differences of case, spacing and punctuation; the title first, as a simulator writes it. */
function textOf({ title = "", text }: PageDocument): string {
  return wordsOf(`${title} ${text}`.replace(/^\s*\(title:/iu, "("))
    .join(" ")
    .toLowerCase();
}

function pairsOf(text: string): string[] {
  const words = text.split(" ");
  return words.slice(1).map((word, at) => `${words[at]} ${word}`);
}

function keysOf(page: Page): Set<string> {
  return new Set(page.flatMap((document) => contentWords(textOf(document)).map(({ key }) => key)));
}

/** 0 where either is empty: what can't be parsed agrees with nothing. */
function dice(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((key) => b.has(key)).length;
  return shared === 0 ? 0 : (2 * shared) / (a.size + b.size);
}

function mean(sum: number, count: number): number {
  return count === 0 ? 0 : sum / count;
}
