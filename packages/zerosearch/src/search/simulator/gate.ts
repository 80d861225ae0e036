/**
 * Which queries deserve the truth. A simulator that knows the answer tells it to whoever asks anything; a real engine
 * tells it only to who names what the answer is found by. Where the gate says no, the simulator is not told the answer.
 */
import type { Question } from "../../core/question.ts";
import type { Document } from "../search-engine.ts";
import { contentWords } from "./content-words.ts";

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

const CAPITAL = /^[\p{Lu}\p{Lt}]/u;
