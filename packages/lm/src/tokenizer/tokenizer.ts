/** The tokenizer of a model folder: tokenizer.json read by Hugging Face's library, with the gaps of it closed. */
import { join } from "node:path";
import { ModelFileError } from "../errors.ts";
import { ChatTemplate } from "./chat-template.ts";
import { type Library, makeLibrary } from "./library.ts";
import { LiteralText } from "./literal-text.ts";
import type { StreamingDecoder } from "./streaming-decoder.ts";
import { type TextStream, textStreamsOf } from "./token-text.ts";
import { chatTemplateOf, specialTokensOf } from "./tokenizer-config.ts";
import {
  parseObject,
  parseTokenizerJson,
  readTokenizerFiles,
  type TokenizerFiles,
  writeTokenizerFiles,
} from "./tokenizer-files.ts";

/** How a text becomes ids. */
export interface EncodeOptions {
  /**
   * Whether `<|im_end|>` and the like in the text are the tokens of that name. True for templates and other text of our
   * own; false for everything that comes from outside, in which they are ordinary characters.
   */
  readonly allowSpecial: boolean;
}

/** How ids become a text. */
export interface DecodeOptions {
  /** Leaves control tokens out. Default false. */
  readonly skipSpecial?: boolean;
}

/** Text to token ids and back. Adds nothing by itself: no begin-of-text, no space. */
export class Tokenizer {
  /** Above every id. A model's embedding may have more rows; ids of those have no token. */
  readonly vocabularySize: number;
  /** Begin and end of text, and padding, where tokenizer_config.json names them. */
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly padId: number | undefined;
  /** Control tokens, which `skipSpecial` leaves out. */
  readonly specialIds: ReadonlySet<number>;
  /** Undefined if the folder has none. */
  readonly chatTemplate: ChatTemplate | undefined;
  readonly #files: TokenizerFiles;
  readonly #library: Library;
  readonly #literal: LiteralText;
  readonly #makeStream: () => TextStream;

  /** Use {@link loadTokenizer} or `trainBpe`. */
  constructor(files: TokenizerFiles, where: string) {
    const json = parseTokenizerJson(files, where);
    const config = parseObject(files, "tokenizer_config.json", where);
    const path = join(where, "tokenizer.json");
    this.#files = files;
    try {
      this.#library = makeLibrary(json);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new ModelFileError(`${path}: no tokenizer can be made of it: ${reason}`, { cause });
    }
    this.#literal = new LiteralText(json, this.#library, path);
    this.#makeStream = textStreamsOf(json.decoder, path);
    this.specialIds = new Set(json.added_tokens.filter(({ special }) => special).map(({ id }) => id));
    const ids = [...Object.values(json.model.vocab), ...json.added_tokens.map(({ id }) => id)];
    this.vocabularySize = ids.reduce((size, id) => Math.max(size, id + 1), 0);

    const special = specialTokensOf(config, parseObject(files, "special_tokens_map.json", where));
    const idOfRole = (role: string): number | undefined => {
      const token = special[role];
      if (token === undefined) return undefined;
      const id = this.idOf(token);
      if (id === undefined) throw new ModelFileError(`${where}: ${role} is ${token}, which tokenizer.json lacks`);
      return id;
    };
    this.bosId = idOfRole("bos_token");
    this.eosId = idOfRole("eos_token");
    this.padId = idOfRole("pad_token");
    const template = chatTemplateOf(files, config, where);
    this.chatTemplate = template && new ChatTemplate(template, special);
  }

  /**
   * The ids of a text. Lone surrogates, which UTF-8 can't hold, become U+FFFD first.
   *
   * @throws {ModelFileError} `allowSpecial` is false and the vocabulary can't spell the text without an added token
   */
  encode(text: string, { allowSpecial }: EncodeOptions): number[] {
    const wellFormed = text.replace(/\p{Surrogate}/gu, "\ufffd");
    if (!allowSpecial) return this.#literal.encode(wellFormed);
    return this.#library.encode(wellFormed, { add_special_tokens: false }).ids;
  }

  /** The text of ids. Bytes that are no UTF-8 become U+FFFD; ids without a token are left out, as in transformers. */
  decode(ids: Iterable<number>, options: DecodeOptions = {}): string {
    const stream = this.streamingDecoder(options);
    let text = "";
    for (const id of ids) text += stream.push(id);
    return text + stream.flush();
  }

  /** A decoder for ids that arrive one by one. */
  streamingDecoder({ skipSpecial = false }: DecodeOptions = {}): StreamingDecoder {
    const stream = this.#makeStream();
    const push = (id: number): string => {
      const token = skipSpecial && this.specialIds.has(id) ? undefined : this.tokenOf(id);
      return token === undefined ? "" : stream.push(token);
    };
    return { push, flush: () => stream.end() };
  }

  /** The id of a token as the vocabulary writes it, such as `<|im_end|>` or `Ġthe`. */
  idOf(token: string): number | undefined {
    return this.#library.token_to_id(token);
  }

  /** A token as the vocabulary writes it; undefined for ids that have none. */
  tokenOf(id: number): string | undefined {
    return this.#library.id_to_token(id);
  }

  /** Writes the files it was made of into a folder, unchanged. */
  save(folder: string): void {
    writeTokenizerFiles(this.#files, folder);
  }
}

/**
 * Reads the tokenizer of a model folder: tokenizer.json, and where they are there tokenizer_config.json,
 * special_tokens_map.json and chat_template.jinja.
 *
 * @throws {ModelFileError} a file is missing or malformed, or holds something that can't be done exactly
 */
export function loadTokenizer(folder: string): Tokenizer {
  return new Tokenizer(readTokenizerFiles(folder), folder);
}
