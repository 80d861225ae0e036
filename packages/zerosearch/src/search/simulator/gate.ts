/**
 * Which queries deserve the truth. A simulator that knows the answer tells it to whoever asks anything; a real engine
 * tells it only to who names what the answer is found by. Where the gate says no, the simulator is not told the answer.
 */
import type { Question } from "../../core/question.ts";
import type { Document } from "../search-engine.ts";

/** What a gate looks at. */
export interface GateContext {
  readonly question: Question;
  readonly query: string;
  /** Documents shown to this rollout before, in order. */
  readonly shown: readonly Document[];
}

/** Whether the query deserves the truth. Its name stands in the engine's identity. */
export type Gate = (context: GateContext) => boolean;

/** Every query deserves the truth: the reference's behaviour. */
export const noGate: Gate = function noGate() {
  return true;
};

/**
 * The default: the query must share a word with an entity of the question or of a document already shown, in any case.
 *
 * In text with capitals, entities are the words that begin with one or hold a digit, stop words aside. In text without
 * (a capital that only begins it is none), as many questions are and as scripts without case have it, every word but a
 * stop word counts. A question that names nothing at all can't be gated: every query deserves the truth then.
 */
export const entityOverlapGate: Gate = function entityOverlapGate({ question, query, shown }) {
  const asked = entityWords(question.text);
  if (asked.size === 0) return true;
  const words = contentWords(query);
  if (words.some((word) => asked.has(word.key))) return true;
  return shown.some(({ title = "", text }) => {
    const named = entityWords(`${title}. ${text}`);
    return words.some((word) => named.has(word.key));
  });
};

/** The words, comparable, by which a text names entities. */
export function entityWords(text: string): Set<string> {
  const words = contentWords(text);
  const names = words.filter(({ word }) => CAPITAL.test(word) || /\p{N}/u.test(word));
  const hasCapitals = names.some(({ word, isFirst }) => CAPITAL.test(word) && !isFirst);
  return new Set((hasCapitals ? names : words).map(({ key }) => key));
}

interface Word {
  readonly word: string;
  readonly key: string;
  /** It begins the text. */
  readonly isFirst: boolean;
}

const CAPITAL = /^[\p{Lu}\p{Lt}]/u;
/** "US" is no "us". */
const ALL_CAPITALS = /^\p{Lu}{2,}$/u;

/** Unicode's word boundaries, with a dictionary where a script has no spaces. */
const WORDS = new Intl.Segmenter("und", { granularity: "word" });

/** Every word but stop words; the key is caseless, without accents and possessive s. */
function contentWords(text: string): Word[] {
  const words = Array.from(WORDS.segment(text.normalize("NFC")))
    .filter(({ isWordLike }) => isWordLike)
    .map(({ segment }, at) => ({ word: segment, key: keyOf(segment), isFirst: at === 0 }));
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
