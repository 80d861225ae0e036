/**
 * From tokens to text, one token at a time. `decode` is the same as streaming all tokens, so that the two can't differ.
 * The rules are those of Hugging Face's Rust decoders, broken characters included.
 */
import { ModelFileError } from "../errors.ts";
import { byteOfLetter } from "./byte-alphabet.ts";
import { type DecoderConfig, isObject } from "./tokenizer-files.ts";

/** A text in the making. */
export interface TextStream {
  /** Takes a token and returns the text that is certain by now: whole characters, or nothing. */
  push(token: string): string;
  /** The rest; the stream is as new afterwards. */
  end(): string;
}

/**
 * What a tokenizer.json says of decoding.
 *
 * @returns makes a stream for one text
 * @throws {ModelFileError} it is neither byte-level nor byte-fallback
 */
export function textStreamsOf(decoder: DecoderConfig | null, where: string): () => TextStream {
  const steps = flatten(decoder);
  const types = steps.map((step) => step.type).join(" ");
  if (types === "ByteLevel") return () => new ByteLevelStream();
  if (/^(Replace )*ByteFallback( Fuse)?( Strip)?$/.test(types)) {
    const replacements = steps.filter((step) => step.type === "Replace").map((step) => replacement(step, where));
    const strip = stripped(steps.at(-1), where);
    return () => new ByteFallbackStream(replacements, strip);
  }
  throw new ModelFileError(
    `${where}: decoder must be ByteLevel, or Replace, ByteFallback, Fuse and Strip in this order, got ${types || "none"}`,
  );
}

/** Every letter of a token is a byte; the bytes of all tokens together are UTF-8. */
class ByteLevelStream implements TextStream {
  readonly #utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

  push(token: string): string {
    return this.#utf8.decode(tokenBytes(token), { stream: true });
  }

  end(): string {
    return this.#utf8.decode();
  }
}

/**
 * Tokens are text, but for those written `<0x0A>`, which are a byte. A run of bytes is one unit: if it is not UTF-8 as
 * a whole, each of its bytes becomes U+FFFD. So nothing of a run is certain before it ends.
 */
class ByteFallbackStream implements TextStream {
  readonly #replacements: readonly (readonly [string, string])[];
  readonly #strip: Strip;
  #run: number[] = [];
  #toStrip: number;

  constructor(replacements: readonly (readonly [string, string])[], strip: Strip) {
    this.#replacements = replacements;
    this.#strip = strip;
    this.#toStrip = strip.count;
  }

  push(token: string): string {
    let text = token;
    for (const [pattern, content] of this.#replacements) text = text.replaceAll(pattern, () => content);
    const hex = /^<0x([0-9A-Fa-f]{2})>$/.exec(text)?.[1];
    if (hex === undefined) return this.#emit(this.#endRun() + text);
    this.#run.push(Number.parseInt(hex, 16));
    return "";
  }

  end(): string {
    const rest = this.#emit(this.#endRun());
    this.#toStrip = this.#strip.count;
    return rest;
  }

  #endRun(): string {
    const bytes = Uint8Array.from(this.#run);
    this.#run = [];
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return "\ufffd".repeat(bytes.length);
    }
  }

  /** Drops the characters to strip while they stand at the start of the whole text. */
  #emit(text: string): string {
    let start = 0;
    while (this.#toStrip > 0 && text.startsWith(this.#strip.content, start) && start < text.length) {
      start += this.#strip.content.length;
      this.#toStrip--;
    }
    if (start < text.length) this.#toStrip = 0;
    return text.slice(start);
  }
}

interface Strip {
  readonly content: string;
  readonly count: number;
}

function flatten(decoder: unknown): DecoderConfig[] {
  if (!isObject(decoder)) return [];
  if (decoder.type === "Sequence" && Array.isArray(decoder.decoders)) return decoder.decoders.flatMap(flatten);
  return [decoder as unknown as DecoderConfig];
}

function replacement(step: DecoderConfig, where: string): readonly [string, string] {
  const pattern = isObject(step.pattern) ? step.pattern.String : undefined;
  if (typeof pattern === "string" && typeof step.content === "string") return [pattern, step.content];
  throw new ModelFileError(`${where}: decoder Replace needs a pattern String and content, got ${JSON.stringify(step)}`);
}

function stripped(step: DecoderConfig | undefined, where: string): Strip {
  if (step?.type !== "Strip") return { content: " ", count: 0 };
  if (typeof step.content === "string" && step.content !== "" && Number.isInteger(step.start) && step.stop === 0) {
    return { content: step.content, count: Number(step.start) };
  }
  throw new ModelFileError(`${where}: decoder Strip can only strip the start of a text, got ${JSON.stringify(step)}`);
}

function tokenBytes(token: string): Uint8Array {
  const bytes: number[] = [];
  for (const letter of token) {
    const byte = byteOfLetter(letter);
    if (byte === undefined) return new TextEncoder().encode(token); // an added token, as it stands
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}
