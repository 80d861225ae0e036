/** Records as the tokens that are learned: the prompt is read only, the completion and the end of text are learned. */
import type { Tokenizer } from "@zerosearch/lm";
import { DataError } from "../core/errors.ts";
import { encodeChat } from "../models/encode-chat.ts";
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
 * single message of the user, beside empty ones, and is taken as it is. What looks like a control token inside of a message or completion is
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

/** As a chat model reads it: what is learned to follow a prompt must follow it when the model is asked. */
function encodePrompt({ prompt, place }: FineTuneRecord, tokenizer: Tokenizer): number[] {
  // Simulators are asked with an empty system message, which says nothing where no template writes it.
  const spoken = prompt.filter(({ content }) => content !== "");
  if (!tokenizer.chatTemplate && (spoken.length !== 1 || spoken[0]?.role !== "user")) {
    throw new DataError(
      `${place} is a conversation, but the tokenizer has no chat template to write it: use one that has`,
    );
  }
  return encodeChat(tokenizer, prompt);
}
