/**
 * Answers made comparable the way SQuAD does it (§5.2; Rajpurkar et al. 2016): used by the rewards and by the check of
 * simulated documents. Word boundaries and white space are Python's, which the published scores were computed with.
 */

/** Python's `string.punctuation`: the 32 of ASCII; typographic quotes and dashes stay. */
const PUNCTUATION = /[!-/:-@[-`{-~]/gu;
/** Python's `\b(a|an|the)\b`, whose boundaries are Unicode's: the `a` of `à` or `señá` is no article. */
const ARTICLE = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;
/** What Python's `str.split()` splits at. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Python counts four of them as white space, Unicode does not
const WHITE_SPACE = /[\p{White_Space}\u{1c}-\u{1f}]+/u;

/**
 * @returns in lower case, without ASCII punctuation or the articles a, an and the, words one space apart; empty if
 *   nothing else was there
 */
export function normalizeAnswer(text: string): string {
  const words = text.toLowerCase().replaceAll(PUNCTUATION, "").replaceAll(ARTICLE, " ").split(WHITE_SPACE);
  return words.filter((word) => word !== "").join(" ");
}
