/** Log-probabilities of generated tokens, in the two forms of OpenAI's API. */
import type { SampledToken, Tokenizer } from "@zerosearch/lm";

/** One token, as chat completions tell it. */
export interface TokenReport {
  readonly token: string;
  /**
   * Under the model's own distribution at the request's temperature (1 where that is 0), nothing cut off by top_p and
   * the like.
   */
  readonly logprob: number;
  /** Its UTF-8 bytes; null where it is part of a character only. */
  readonly bytes: readonly number[] | null;
  /** Always empty: the engine knows of no token but the one it drew. */
  readonly top_logprobs: readonly never[];
}

/** Several tokens, as completions tell them. */
export interface TokenColumns {
  readonly tokens: readonly string[];
  readonly token_logprobs: readonly number[];
  readonly top_logprobs: null;
  /** Where each token begins, in UTF-16 units of this choice's text before anything was cut out of it. */
  readonly text_offset: readonly number[];
}

/** The chat form. */
export function reportTokens(tokenizer: Tokenizer, tokens: readonly SampledToken[]): TokenReport[] {
  return tokens.map(({ id, fullLogProb }) => {
    const token = textOf(tokenizer, id);
    const bytes = token.includes("\ufffd") ? null : [...new TextEncoder().encode(token)];
    return { token, logprob: fullLogProb, bytes, top_logprobs: [] };
  });
}

/** The completions form. @param start  where the first of these tokens begins */
export function tabulateTokens(tokenizer: Tokenizer, tokens: readonly SampledToken[], start: number): TokenColumns {
  const texts = tokens.map(({ id }) => textOf(tokenizer, id));
  let offset = start;
  return {
    tokens: texts,
    token_logprobs: tokens.map(({ fullLogProb }) => fullLogProb),
    top_logprobs: null,
    text_offset: texts.map((text) => {
      offset += text.length;
      return offset - text.length;
    }),
  };
}

/** A token's text inside of a text: at the beginning some decoders drop a blank. */
function textOf(tokenizer: Tokenizer, id: number): string {
  const before = tokenizer.encode("a", { allowSpecial: false });
  return tokenizer.decode([...before, id]).slice(tokenizer.decode(before).length);
}
