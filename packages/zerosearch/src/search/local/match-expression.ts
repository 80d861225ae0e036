/**
 * A query in anybody's words as an FTS5 expression: any of its terms may occur. Every term is quoted, so nothing in it
 * can be read as FTS5's own syntax.
 */

/** Lucene's English stop words: they stand in most passages, so they cost the most and tell the least. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  `a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to
  was will with`.split(/\s+/u),
);

/** More than this many different terms are not searched for: what a model writes has no bound. */
const MAX_TERMS = 64;

/** What FTS5's unicode61 takes for a part of a word: letters, marks, digits, private use. */
const TERM = /[\p{L}\p{M}\p{N}\p{Co}]+/gu;

/**
 * @returns terms joined by OR, without stop words unless there is nothing else; undefined if the query has no terms
 */
export function matchExpression(query: string): string | undefined {
  const terms = [...new Set(query.toLowerCase().match(TERM) ?? [])];
  const telling = terms.filter((term) => !STOP_WORDS.has(term));
  const chosen = (telling.length > 0 ? telling : terms).slice(0, MAX_TERMS);
  return chosen.length === 0 ? undefined : chosen.map((term) => `"${term}"`).join(" OR ");
}
