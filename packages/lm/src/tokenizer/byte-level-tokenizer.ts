/** A byte-level tokenizer from its vocabulary, as files that Python's libraries read as well. */
import { Tokenizer } from "./tokenizer.ts";

/** What a tokenizer has beside its vocabulary. */
export interface TokenizerDetails {
  /** Control tokens; they get the last ids, in this order. */
  readonly specialTokens: readonly string[];
  /** Those of the special tokens that begin, end and pad a text. */
  readonly bosToken?: string;
  readonly eosToken?: string;
  readonly padToken?: string;
  /** Jinja. */
  readonly chatTemplate?: string;
}

/** What it consists of. */
export interface ByteLevelVocabulary extends TokenizerDetails {
  /** In the byte alphabet; the index is the id. */
  readonly tokens: readonly string[];
  /** Pairs of tokens that become one, the earlier first. */
  readonly merges: readonly (readonly [string, string])[];
  /** Words, within which tokens lie, in the notation of tokenizer.json (Oniguruma). */
  readonly splitPattern: string;
  /** A word that is a token is taken whole, whatever the merges make of it. Default false. */
  readonly ignoreMerges?: boolean;
}

/** @param origin  what messages call it */
export function byteLevelTokenizer(vocabulary: ByteLevelVocabulary, origin: string): Tokenizer {
  const encoder = new TextEncoder();
  const config = `${JSON.stringify(tokenizerConfig(vocabulary), null, 2)}\n`;
  return new Tokenizer(
    new Map([
      ["tokenizer.json", encoder.encode(JSON.stringify(byteLevelTokenizerJson(vocabulary)))],
      ["tokenizer_config.json", encoder.encode(config)],
    ]),
    origin,
  );
}

const BYTE_LEVEL = { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false };

/** The content of tokenizer.json. */
export function byteLevelTokenizerJson(vocabulary: ByteLevelVocabulary): object {
  const { tokens, merges, specialTokens, splitPattern, ignoreMerges = false } = vocabulary;
  const split = { type: "Split", pattern: { Regex: splitPattern }, behavior: "Isolated", invert: false };
  const added = specialTokens.map((content, i) => ({
    id: tokens.length + i,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: { type: "Sequence", pretokenizers: [split, BYTE_LEVEL] },
    post_processor: BYTE_LEVEL,
    decoder: BYTE_LEVEL,
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: ignoreMerges,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  };
}

function tokenizerConfig({ bosToken, eosToken, padToken, chatTemplate }: TokenizerDetails): object {
  return {
    tokenizer_class: "PreTrainedTokenizerFast",
    clean_up_tokenization_spaces: false,
    bos_token: bosToken ?? null,
    eos_token: eosToken ?? null,
    pad_token: padToken ?? null,
    ...(chatTemplate === undefined ? {} : { chat_template: chatTemplate }),
  };
}
