/**
 * What the policy reads between its turns (§2.5), as raw text in the running turn. It is tokenised with control tokens
 * off and cut to its room by leaving out whole documents: the tags around them always stand (defects D18 and D19).
 */
import type { Tokenizer } from "@zerosearch/lm";
import { type FormatOptions, formatDocuments } from "../search/format-documents.ts";
import type { SearchResult } from "../search/search-engine.ts";
import type { ObservationSegment } from "./trajectory.ts";

/** After a turn that was neither search nor answer. */
export const INVALID_ACTION: string =
  "\nMy previous action is invalid. If I want to search, I should put the query between <search> and </search>. " +
  "If I want to give the final answer, I should put the answer between <answer> and </answer>. Let me try again.\n";

/** Before the closing round. The reference says nothing there, and its policy may search in vain (D9). */
export const ANSWER_NOW: string =
  "\nI have no searches left. I should give the final answer now, between <answer> and </answer>.\n";

/** Search results as they stand in a trajectory. */
export function informationText(documents: string): string {
  return `\n\n<information>${documents.trim()}</information>\n\n`;
}

type Encoder = Pick<Tokenizer, "encode">;

/** A text of our own. */
export function observeText(
  cause: "invalid-action" | "answer-now",
  text: string,
  tokenizer: Encoder,
): ObservationSegment {
  return { kind: "observation", cause, tokens: tokenizer.encode(text, { allowSpecial: false }), text };
}

export interface DocumentRoom {
  /** For the observation with its tags. */
  readonly maxTokens: number;
  readonly tokenizer: Encoder;
  readonly layout?: FormatOptions["layout"];
}

/**
 * What a search found. Documents that don't fit are left out from the end; the first is shortened rather than left out.
 *
 * @returns undefined if not even a word of the first document fits
 */
export function observeDocuments(result: SearchResult, room: DocumentRoom): ObservationSegment | undefined {
  const { maxTokens, tokenizer } = room;
  const layout = room.layout === undefined ? {} : { layout: room.layout };
  const encode = (text: string): number[] => tokenizer.encode(text, { allowSpecial: false });
  const make = (documents: string, shownDocuments: number): ObservationSegment => {
    const text = informationText(documents);
    return { kind: "observation", cause: "search", tokens: encode(text), text, result, shownDocuments };
  };
  const whole = formatDocuments(result.documents, layout);
  const observation = make(whole.text, whole.shownCount);
  if (observation.tokens.length <= maxTokens) return observation; // nearly always: the rest is not computed
  if (whole.shownCount === 0) return undefined;
  const countTokens = (documents: string): number => encode(informationText(documents)).length;
  try {
    const { text, shownCount } = formatDocuments(result.documents, { ...layout, budget: { maxTokens, countTokens } });
    return make(text, shownCount);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The tokens of an information block that holds nothing: what a search's result takes at least. */
export function leastObservationTokens(tokenizer: Encoder): number {
  return tokenizer.encode(informationText(""), { allowSpecial: false }).length;
}
