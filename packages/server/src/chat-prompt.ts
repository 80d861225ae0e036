/**
 * A conversation as token ids. The template's own control tokens are tokens; whatever a message spells stays
 * characters, so that no client's text can end a turn or begin another's.
 *
 * Where no message spells a control token, the rendered text is encoded in one piece, as transformers does. Otherwise
 * those messages are rendered as placeholders, and encoded by themselves.
 */
import { randomUUID } from "node:crypto";
import type { Tokenizer } from "@zerosearch/lm";

/** One turn. */
export interface Turn {
  readonly role: string;
  readonly content: string;
}

/**
 * @returns the prompt up to where the assistant is to speak. A model without a chat template gets the contents one
 *   after another, raw.
 * @throws {RequestError} the template refuses the conversation
 */
export function encodeChat(tokenizer: Tokenizer, turns: readonly Turn[]): number[] {
  const { chatTemplate } = tokenizer;
  if (!chatTemplate) {
    return tokenizer.encode(turns.map(({ content }) => content).join(""), { allowSpecial: false });
  }
  const key = randomUUID().replaceAll("-", "");
  const hidden: string[] = [];
  const messages = turns.map(({ role, content }) => {
    if (!spellsControlToken(tokenizer, content)) return { role, content };
    // A template may trim its messages: white space around the text must stay visible to it.
    const text = content.trim();
    const place = content.indexOf(text);
    const placeholder = `${key}n${hidden.push(text) - 1}e`;
    return { role, content: content.slice(0, place) + placeholder + content.slice(place + text.length) };
  });
  const rendered = chatTemplate.render({ messages, addGenerationPrompt: true, date: new Date() });
  // Splitting by a pattern with a group gives text, number, text, number, …
  return rendered
    .split(new RegExp(`${key}n(\\d+)e`))
    .flatMap((part, i) =>
      i % 2 === 0
        ? tokenizer.encode(part, { allowSpecial: true })
        : tokenizer.encode(hidden[Number(part)] ?? "", { allowSpecial: false }),
    );
}

/** Whether a text holds anything that the tokenizer would take for more than characters. */
function spellsControlToken(tokenizer: Tokenizer, text: string): boolean {
  const free = tokenizer.encode(text, { allowSpecial: true });
  const literal = tokenizer.encode(text, { allowSpecial: false });
  return free.length !== literal.length || free.some((id, i) => id !== literal[i]);
}
