/**
 * The prompt's tokens: one path for training, evaluation and trying out (defect D38 of the reference: no begin-of-text
 * in training, one or two when trying out).
 *
 * With a chat template the prompt is its single user turn, and what the template writes around it, begin-of-text
 * included, is all that is added. Without one the prompt is raw text and nothing is added, as in the reference's
 * training. The prompt itself is tokenised with special tokens off, since the question comes from outside: a question
 * that spells `<|im_end|>` is a question about `<|im_end|>`.
 */
import type { Tokenizer } from "@zerosearch/lm";
import { ConfigError } from "../core/errors.ts";
import { AGENT_PROMPT, agentPrompt } from "./agent-prompt.ts";

export interface EncodePromptOptions {
  /** Default {@link AGENT_PROMPT}. */
  readonly template?: string;
  /** `auto`: as a turn of a chat where the tokenizer has a chat template. Default `auto`. */
  readonly chat?: "auto" | "never";
  /** The day that chat templates may write. Those that do demand one. */
  readonly date?: Date;
  /** Further variables of the chat template, such as `enable_thinking`. */
  readonly chatVariables?: Readonly<Record<string, unknown>>;
}

/** A text and its tokens. */
export interface EncodedPrompt {
  readonly tokens: number[];
  readonly text: string;
}

/** What is asked of a tokenizer here. */
export type PromptTokenizer = Pick<Tokenizer, "encode" | "chatTemplate">;

/** Stands for the prompt while the chat template is rendered. No template writes it by itself. */
const STAND_IN = "zerosearch-user-turn-7f3a9c";

/**
 * @throws {ConfigError} the template lacks `{question}`, or the chat template does not write its message once, as it is
 * @throws what the tokenizer throws: `ModelFileError`, `RequestError`
 */
export function encodePrompt(
  tokenizer: PromptTokenizer,
  question: string,
  { template = AGENT_PROMPT, chat = "auto", date, chatVariables }: EncodePromptOptions = {},
): EncodedPrompt {
  const prompt = agentPrompt(question, template);
  const { chatTemplate } = tokenizer;
  if (chat === "never" || !chatTemplate) {
    return { tokens: tokenizer.encode(prompt, { allowSpecial: false }), text: prompt };
  }
  // Many templates strip messages, so the stand-in wears the prompt's outer white space, and loses it where they do.
  const body = prompt.trim();
  const [head, tail] = prompt.split(body, 2) as [string, string];
  const rendered = chatTemplate.render({
    messages: [{ role: "user", content: head + STAND_IN + tail }],
    addGenerationPrompt: true,
    ...(date ? { date } : {}),
    ...(chatVariables ? { variables: chatVariables } : {}),
  });
  const [before, after, ...more] = rendered.split(STAND_IN);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new ConfigError(
      `the chat template writes its message ${rendered.split(STAND_IN).length - 1} times, expected once. Use chat: "never" with this model.`,
    );
  }
  // White space of the prompt is tokenised with the prompt, so that tokens don't end where the stand-in did.
  const keptHead = before.endsWith(head) ? head : "";
  const keptTail = after.startsWith(tail) ? tail : "";
  const outer = [before.slice(0, before.length - keptHead.length), after.slice(keptTail.length)] as const;
  const inner = keptHead + body + keptTail;
  return {
    tokens: [
      ...tokenizer.encode(outer[0], { allowSpecial: true }),
      ...tokenizer.encode(inner, { allowSpecial: false }),
      ...tokenizer.encode(outer[1], { allowSpecial: true }),
    ],
    text: outer[0] + inner + outer[1],
  };
}
