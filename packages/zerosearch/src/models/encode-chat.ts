/**
 * A conversation as token ids. The template's own control tokens are tokens; whatever a message spells stays characters:
 * queries and questions come from outside, and must not end a turn or begin another's.
 */
import type { Tokenizer } from "@zerosearch/lm";
import type { ChatMessage } from "../core/chat-model.ts";

export interface EncodeChatOptions {
  /** The day that chat templates may write. Those that do demand one. */
  readonly date?: Date;
  /** Further variables of the chat template, such as `enable_thinking`. */
  readonly chatVariables?: Readonly<Record<string, unknown>>;
}

/**
 * Where no message spells a control token, the rendered text is encoded in one piece, as transformers does; messages
 * that do are encoded by themselves.
 *
 * @returns up to where the assistant is to speak; without a chat template, the contents one after another
 * @throws {RequestError} the template refuses the conversation, or writes a date and none is given
 */
export function encodeChat(
  tokenizer: Pick<Tokenizer, "encode" | "chatTemplate">,
  messages: readonly ChatMessage[],
  { date, chatVariables }: EncodeChatOptions = {},
): number[] {
  const { chatTemplate } = tokenizer;
  if (!chatTemplate) return tokenizer.encode(messages.map(({ content }) => content).join(""), { allowSpecial: false });
  const mark = unusedMark(messages);
  const hidden: string[] = [];
  const harmless = messages.map(({ role, content }) => {
    if (!spellsControlToken(tokenizer, content)) return { role, content };
    // A template may trim its messages: white space around the text must stay visible to it.
    const text = content.trim();
    const [before = "", after = ""] = content.split(text, 2);
    return { role, content: `${before}${mark}${hidden.push(text) - 1};${after}` };
  });
  const rendered = chatTemplate.render({
    messages: harmless,
    addGenerationPrompt: true,
    ...(date && { date }),
    ...(chatVariables && { variables: chatVariables }),
  });
  // Splitting by a pattern with a group gives text, number, text, number, …
  return rendered
    .split(new RegExp(`${mark}(\\d+);`, "u"))
    .flatMap((part, at) =>
      at % 2 === 0
        ? tokenizer.encode(part, { allowSpecial: true })
        : tokenizer.encode(hidden[Number(part)] ?? "", { allowSpecial: false }),
    );
}

/** Letters that stand in no message. */
function unusedMark(messages: readonly ChatMessage[]): string {
  let mark = "hiddentext";
  while (messages.some(({ content }) => content.includes(mark))) mark += "x";
  return mark;
}

/** Whether a text holds anything that the tokenizer would take for more than characters. */
function spellsControlToken(tokenizer: Pick<Tokenizer, "encode">, text: string): boolean {
  const free = tokenizer.encode(text, { allowSpecial: true });
  const literal = tokenizer.encode(text, { allowSpecial: false });
  return free.length !== literal.length || free.some((id, at) => id !== literal[at]);
}
