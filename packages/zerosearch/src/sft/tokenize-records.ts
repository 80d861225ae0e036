/** Records as the tokens that are learned: the prompt is read only, the completion and the end of text are learned. */
import type { Tokenizer } from "@zerosearch/lm";
import type { ChatMessage } from "../core/chat-model.ts";
import { DataError } from "../core/errors.ts";
import type { Example } from "./fine-tune-step.ts";
import type { FineTuneRecord } from "./record-row.ts";

export interface TokenizeOptions {
  /** Of prompt, completion and end of text together. */
  readonly maxTokens: number;
  /** What becomes of a longer record. Cutting one would teach texts that end in their middle. */
  readonly overLong: "error" | "skip";
  /** Ends a completion. Default: the tokenizer's end of text. */
  readonly eosId?: number;
}

export interface TokenizedRecords {
  readonly examples: readonly Example[];
  /** Records left out because they are longer than `maxTokens`. */
  readonly skippedCount: number;
}

/**
 * Tokens and weights of every record: 0 for the prompt, the record's weight for the completion and the end of text. The
 * prompt is written by the tokenizer's chat template, ready for the assistant to speak; without one, a prompt must be a
 * single message of the user and is taken as it is. What looks like a control token inside of a message or completion is
 * ordinary text.
 *
 * @throws {DataError} a record is too long and `overLong` is `error`, or can't be written
 */
export function tokenizeRecords(
  records: readonly FineTuneRecord[],
  tokenizer: Tokenizer,
  { maxTokens, overLong, eosId = tokenizer.eosId }: TokenizeOptions,
): TokenizedRecords {
  if (eosId === undefined) {
    throw new DataError("the tokenizer names no end of text: pass eosId, or completions would never learn to end");
  }
  const examples: Example[] = [];
  let skippedCount = 0;
  for (const record of records) {
    const prompt = encodePrompt(record, tokenizer);
    const completion = [...tokenizer.encode(record.completion, { allowSpecial: false }), eosId];
    const count = prompt.length + completion.length;
    if (count <= maxTokens) {
      const weights = [...prompt.map(() => 0), ...completion.map(() => record.weight)];
      examples.push({ tokens: [...prompt, ...completion], weights });
    } else if (overLong === "skip") {
      skippedCount++;
    } else {
      throw new DataError(
        `${record.place} has ${count} tokens, more than ${maxTokens}: raise maxTokens or skip such records`,
      );
    }
  }
  return { examples, skippedCount };
}

function encodePrompt({ prompt, place }: FineTuneRecord, tokenizer: Tokenizer): number[] {
  const template = tokenizer.chatTemplate;
  if (!template) {
    const [only, ...more] = prompt;
    if (!only || more.length > 0 || only.role !== "user") {
      throw new DataError(
        `${place} is a conversation, but the tokenizer has no chat template to write it: use one that has`,
      );
    }
    return tokenizer.encode(only.content, { allowSpecial: false });
  }
  const render = (messages: readonly ChatMessage[]): string =>
    template.render({ messages: messages.map((message) => ({ ...message })), addGenerationPrompt: true });
  if (prompt.every(({ content }) => isPlain(content, tokenizer))) {
    return tokenizer.encode(render(prompt), { allowSpecial: true });
  }
  return encodeAround(prompt, render, tokenizer);
}

/** Whether a text has the same tokens with and without control tokens. */
function isPlain(text: string, tokenizer: Tokenizer): boolean {
  const [literal, special] = [false, true].map((allowSpecial) => tokenizer.encode(text, { allowSpecial }));
  return literal?.join() === special?.join();
}

/** Renders with a mark in place of each message, so that the template's own text and that of others are told apart. */
function encodeAround(
  prompt: readonly ChatMessage[],
  render: (messages: readonly ChatMessage[]) => string,
  tokenizer: Tokenizer,
): number[] {
  // Two code points for private use around a number: no template holds them.
  const marked = render(prompt.map((message, i) => ({ ...message, content: `\u{f0000}${i}\u{f0001}` })));
  return marked.split(/\u{f0000}(\d+)\u{f0001}/u).flatMap((piece, i) => {
    if (i % 2 === 0) return tokenizer.encode(piece, { allowSpecial: true });
    return tokenizer.encode(prompt[Number(piece)]?.content ?? "", { allowSpecial: false });
  });
}
