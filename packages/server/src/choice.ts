/** One text of an answer, as the client sees it grow. */
import type { FinishReason, Generation, SampledToken, Tokenizer } from "@zerosearch/lm";
import { StopText } from "./stop-text.ts";

/** More of a text: what is certain by now, and the tokens that it came from. */
export interface ChoicePiece {
  readonly text: string;
  readonly tokens: readonly SampledToken[];
}

/** How a text is to be shown. */
export interface ChoiceOptions {
  readonly tokenizer: Tokenizer;
  readonly stops: readonly string[];
  /** Tokens that end the text and are no part of it. */
  readonly endIds: ReadonlySet<number>;
}

/**
 * Reads a generation to its end.
 *
 * Pieces are never empty. The text of all of them is what was generated without control tokens, cut at the first stop
 * string; their tokens are those that began before the cut, without the one that ended the text.
 *
 * @returns why it ended
 */
export async function* readChoice(
  generation: Generation,
  { tokenizer, stops, endIds }: ChoiceOptions,
): AsyncGenerator<ChoicePiece, FinishReason> {
  const decoder = tokenizer.streamingDecoder();
  const stopText = new StopText(stops);
  let waiting: { readonly token: SampledToken; readonly start: number }[] = [];
  const piece = (text: string, tokens: readonly SampledToken[]): ChoicePiece[] =>
    text === "" && tokens.length === 0 ? [] : [{ text, tokens }];
  const settled = (): SampledToken[] => {
    const ready = waiting.filter(({ start }) => start < stopText.decided).map(({ token }) => token);
    waiting = waiting.filter(({ start }) => start >= stopText.decided);
    return ready;
  };
  for await (const { id, logProb, fullLogProb } of generation) {
    if (endIds.has(id)) continue; // the last one: no part of the text, and the engine looks for no stop string in it
    const start = stopText.length;
    const text = decoder.push(id);
    const hidden = tokenizer.specialIds.has(id) ? ownText(tokenizer, id, text) : "";
    const shown = stopText.push(text.slice(0, text.length - hidden.length)) + stopText.push(hidden, false);
    waiting.push({ token: { id, logProb, fullLogProb }, start });
    yield* piece(shown, settled());
  }
  const { finishReason } = await generation.result;
  const rest = stopText.isCut ? "" : stopText.push(decoder.flush()) + stopText.end();
  yield* piece(rest, stopText.isCut ? settled() : waiting.map(({ token }) => token));
  return finishReason;
}

/** What of a piece is the token's own; before it may stand the broken end of an unfinished character. */
function ownText(tokenizer: Tokenizer, id: number, piece: string): string {
  const name = tokenizer.tokenOf(id) ?? "";
  return piece.endsWith(name) ? name : piece;
}
