/** The words of a text that say what it is about, in any script. */

/** A word of a text. */
export interface ContentWord {
  readonly word: string;
  /** Comparable: caseless, without accents and possessive s. */
  readonly key: string;
  /** It begins the text. */
  readonly isFirst: boolean;
}

/** "US" is no "us". */
const ALL_CAPITALS = /^\p{Lu}{2,}$/u;

/** Unicode's word boundaries, with a dictionary where a script has no spaces. */
const WORDS = new Intl.Segmenter("und", { granularity: "word" });

/** Every word, in order. */
export function wordsOf(text: string): string[] {
  return Array.from(WORDS.segment(text.normalize("NFC")))
    .filter(({ isWordLike }) => isWordLike)
    .map(({ segment }) => segment);
}

/** Every word but stop words, in order. */
export function contentWords(text: string): ContentWord[] {
  const words = wordsOf(text).map((word, at) => ({ word, key: keyOf(word), isFirst: at === 0 }));
  return words.filter(({ word, key }) => key !== "" && (ALL_CAPITALS.test(word) || !STOP_WORDS.has(key)));
}

function keyOf(word: string): string {
  return word.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase().replaceAll("’", "'").replace(/'s?$/u, "");
}

/** English words that name nothing: articles, pronouns, prepositions, auxiliaries, question words. */
const STOP_WORDS: ReadonlySet<string> = new Set(
  `a about above after again against all also although always am among an and another any anybody anyone anything are
  aren't around as at be became because become been before being below between both but by can can't could couldn't did
  didn't do does doesn't doing don't done during each either else ever every everybody everyone everything few for from
  further get gets give gives given go goes got had hadn't has hasn't have haven't having he her here hers herself him
  himself his how however i i'm if in into is isn't it its itself just let like many may me might mine more most much
  must my myself name named names neither never no nobody none nor not nothing of off often on once one only onto or
  other others our ours out over own please same shall she should shouldn't since so some somebody someone something
  such tell than that the their theirs them themselves then there these they this those through to too towards under
  until up upon us very via was wasn't we were weren't what whatever when where whether which while who whom whose why
  will with within without won't would wouldn't yes yet you your yours yourself`.split(/\s+/u),
);
