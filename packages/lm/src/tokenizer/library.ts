/**
 * What is used of @huggingface/tokenizers. Its own declarations import each other without file extensions, which
 * TypeScript doesn't follow here (NodeNext): everything would be untyped.
 */
import { Tokenizer } from "@huggingface/tokenizers";

/** The library's tokenizer. */
export interface Library {
  readonly normalizer: { normalize(text: string): string } | null;
  /** Cuts text into pieces; byte-level ones come in the byte alphabet. */
  readonly pre_tokenizer: { pre_tokenize(text: string, options?: { section_index: number }): string[] } | null;
  /** Turns pieces into tokens. */
  readonly model: { _call(pieces: readonly string[]): string[]; readonly unk_token_id?: number };
  encode(text: string, options: { add_special_tokens: boolean }): { readonly ids: number[] };
  token_to_id(token: string): number | undefined;
  id_to_token(id: number): string | undefined;
}

/**
 * @param json  the content of a tokenizer.json. The configuration beside it is kept from the library, which would lower
 *   the case of a text or squeeze its spaces where Python's fast tokenizers don't.
 */
export function makeLibrary(json: object): Library {
  return new Tokenizer(json, {});
}
