/**
 * Tokenising untrusted text: whatever it spells, no added token comes out of it. Added tokens are found by a search
 * before the model proper; here that search is left out, and what the model makes of the text is checked.
 *
 * Usually that is all. But a vocabulary may hold an added token as well, and then the model itself could reach it, by
 * merges or (`ignore_merges`) by looking up a whole piece. For such a text a second model is made, in which these
 * tokens go by names that no text can contain.
 */
import { ModelFileError } from "../errors.ts";
import { type Library, makeLibrary } from "./library.ts";
import type { TokenizerJson } from "./tokenizer-files.ts";

/** Encodes text in which nothing has a special meaning. */
export class LiteralText {
  readonly #json: TokenizerJson;
  readonly #library: Library;
  readonly #where: string;
  readonly #protected: ReadonlySet<string>;
  #withoutProtected: Library | undefined;

  constructor(json: TokenizerJson, library: Library, where: string) {
    this.#json = json;
    this.#library = library;
    this.#where = where;
    // Runs of blanks are added tokens in some vocabularies: they steer nothing, and BPE may well arrive at them.
    const steering = json.added_tokens.filter(({ content, special }) => special || content.trim() !== "");
    this.#protected = new Set(steering.map(({ content }) => content));
  }

  /**
   * @param text  without lone surrogates
   * @returns ids, none of which is a protected added token's
   * @throws {ModelFileError} the vocabulary can't spell the text in any other way
   */
  encode(text: string): number[] {
    if (text === "") return [];
    const tokens = modelTokens(this.#library, text).tokens;
    if (!tokens.some((token) => this.#protected.has(token))) return idsOf(this.#library, tokens);
    this.#withoutProtected ??= makeLibrary(hideTokens(this.#json, this.#protected));
    const { tokens: spelled, pieces } = modelTokens(this.#withoutProtected, text);
    const { unk_token: unknown, byte_fallback: hasBytes } = this.#json.model;
    if (!hasBytes && typeof unknown !== "string" && spelled.join("") !== pieces.join("")) {
      throw new ModelFileError(
        `${this.#where}: its vocabulary can't spell ${JSON.stringify(text.slice(0, 100))} without an added token`,
      );
    }
    return idsOf(this.#withoutProtected, spelled);
  }
}

interface ModelTokens {
  readonly pieces: readonly string[];
  readonly tokens: readonly string[];
}

/** What the library does with text between added tokens. */
function modelTokens({ normalizer, pre_tokenizer: splitter, model }: Library, text: string): ModelTokens {
  const normal = normalizer ? normalizer.normalize(text) : text;
  const pieces = splitter ? splitter.pre_tokenize(normal, { section_index: 0 }) : [normal];
  return { pieces, tokens: normal === "" ? [] : model._call(pieces) };
}

function idsOf(library: Library, tokens: readonly string[]): number[] {
  return tokens.map((token) => {
    const id = library.token_to_id(token) ?? library.model.unk_token_id;
    if (id === undefined) throw new Error(`internal: the model made ${JSON.stringify(token)}, which has no id`);
    return id;
  });
}

/** The same tokenizer without added tokens, and with names in their stead that well-formed text can't spell. */
function hideTokens(json: TokenizerJson, hidden: ReadonlySet<string>): TokenizerJson {
  const rename = (token: string) => (hidden.has(token) ? `\ud800${token}` : token);
  const { vocab, merges, unk_token: unknown } = json.model;
  const model = {
    ...json.model,
    vocab: Object.fromEntries(Object.entries(vocab).map(([token, id]) => [rename(token), id])),
    merges: merges.filter((merge) => !hidden.has(typeof merge === "string" ? merge.replace(" ", "") : merge.join(""))),
    ...(typeof unknown === "string" ? { unk_token: rename(unknown) } : {}),
  };
  return { ...json, model, added_tokens: [] };
}
