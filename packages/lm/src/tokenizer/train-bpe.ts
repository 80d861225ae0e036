/** Trains a byte-level BPE tokenizer for small worlds, as files that Python's libraries read as well. */
import { RequestError } from "../errors.ts";
import { byteLetters } from "./byte-alphabet.ts";
import { byteLevelTokenizer, byteLevelTokenizerJson, type TokenizerDetails } from "./byte-level-tokenizer.ts";
import { learnMerges } from "./learn-merges.ts";
import { makeLibrary } from "./library.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Where Qwen2.5 cuts text into words, in the notation of tokenizer.json (Oniguruma). */
export const DEFAULT_SPLIT_PATTERN =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

/** What to train on, and what the tokenizer is to have. */
export interface TrainBpeOptions extends TokenizerDetails {
  readonly texts: Iterable<string>;
  /** At most this many tokens, special ones included; fewer if no pair of tokens is left that occurs `minCount` times. */
  readonly vocabularySize: number;
  /** Words, within which tokens lie. Default {@link DEFAULT_SPLIT_PATTERN}. */
  readonly splitPattern?: string;
  /** How often a pair must occur to become a token. Default 2. */
  readonly minCount?: number;
}

/**
 * Trains a tokenizer. The same texts give the same tokenizer, in whatever order they come: of pairs that are equally
 * frequent, the one of smaller ids is merged first.
 *
 * @throws {RequestError} there is no room for 256 bytes and the special tokens, or a special token is empty, given
 *   twice, or named as bos, eos or pad without being one
 */
export function trainBpe(options: TrainBpeOptions): Tokenizer {
  const { texts, vocabularySize, specialTokens, splitPattern = DEFAULT_SPLIT_PATTERN, minCount = 2 } = options;
  checkOptions(options);
  const { tokens, merges } = learnMerges(countWords(texts, splitPattern), byteLetters(), {
    size: vocabularySize - specialTokens.length,
    minCount: Math.max(1, minCount),
  });
  return byteLevelTokenizer({ ...options, tokens, merges, splitPattern }, "trained");
}

function checkOptions({ vocabularySize, specialTokens, bosToken, eosToken, padToken }: TrainBpeOptions): void {
  const least = 256 + specialTokens.length;
  if (!Number.isInteger(vocabularySize) || vocabularySize < least) {
    throw new RequestError(
      `vocabularySize must be an integer of at least ${least}, for 256 bytes and ${specialTokens.length} special tokens: got ${vocabularySize}`,
    );
  }
  const seen = new Set<string>();
  for (const token of specialTokens) {
    if (token === "" || seen.has(token)) {
      throw new RequestError(`specialTokens: ${token === "" ? "a token is empty" : `${token} stands there twice`}`);
    }
    seen.add(token);
  }
  for (const token of [bosToken, eosToken, padToken]) {
    if (token !== undefined && !seen.has(token)) {
      throw new RequestError(`${token} must be one of specialTokens: ${specialTokens.join(" ") || "none"}`);
    }
  }
}

/** Words in the byte alphabet, cut by the library itself, so that training and use can't differ. */
function countWords(texts: Iterable<string>, splitPattern: string): ReadonlyMap<string, number> {
  const { pre_tokenizer: splitter } = makeLibrary(
    byteLevelTokenizerJson({ tokens: byteLetters(), merges: [], specialTokens: [], splitPattern }),
  );
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const word of splitter?.pre_tokenize(text.replace(/\p{Surrogate}/gu, "\ufffd")) ?? []) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return counts;
}
