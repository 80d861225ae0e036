/** The files of a model folder that make up a tokenizer: read, parsed as far as needed, and kept as they are. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ModelFileError } from "../errors.ts";
import { replaceFile } from "../weights/staged-file.ts";

const NAMES = ["tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "chat_template.jinja"] as const;

/** A file's name. */
export type TokenizerFileName = (typeof NAMES)[number];

/** The files' bytes by name; tokenizer.json is always there. */
export type TokenizerFiles = ReadonlyMap<TokenizerFileName, Uint8Array>;

/** A token that stands beside the vocabulary and is found in text before anything else. */
interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Whether it is a control token, which `skipSpecial` leaves out of a text. */
  readonly special: boolean;
}

/** tokenizer.json, as far as this package looks into it. */
export interface TokenizerJson {
  readonly added_tokens: readonly AddedToken[];
  readonly model: BpeModel;
  readonly decoder: DecoderConfig | null;
  readonly [key: string]: unknown;
}

/** Byte-pair encoding in tokenizer.json. */
interface BpeModel {
  readonly vocab: Readonly<Record<string, number>>;
  readonly merges: readonly (string | readonly string[])[];
  readonly unk_token?: string | null;
  readonly byte_fallback?: boolean;
  readonly [key: string]: unknown;
}

/** How pieces become text, in tokenizer.json. */
export interface DecoderConfig {
  readonly type: string;
  readonly [key: string]: unknown;
}

/**
 * Reads the tokenizer's files of a model folder.
 *
 * @throws {ModelFileError} tokenizer.json is missing
 */
export function readTokenizerFiles(folder: string): TokenizerFiles {
  const files = new Map<TokenizerFileName, Uint8Array>();
  for (const name of NAMES) {
    if (existsSync(join(folder, name))) files.set(name, readFileSync(join(folder, name)));
  }
  if (!files.has("tokenizer.json")) {
    throw new ModelFileError(`${folder}: there is no tokenizer.json, which every tokenizer here is made of`);
  }
  return files;
}

/** Writes the files into a folder, which is made if need be, byte for byte. */
export function writeTokenizerFiles(files: TokenizerFiles, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of files) replaceFile(join(folder, name), bytes);
}

/**
 * tokenizer.json, checked as far as this package relies on it.
 *
 * @param where  the folder, for messages
 * @throws {ModelFileError} it is malformed, or asks for something that can't be done exactly
 */
export function parseTokenizerJson(files: TokenizerFiles, where: string): TokenizerJson {
  const path = join(where, "tokenizer.json");
  const json = parseObject(files, "tokenizer.json", where);
  const { model, added_tokens: added = [] } = json;
  if (!isObject(model) || !isObject(model.vocab) || !Array.isArray(model.merges)) {
    throw new ModelFileError(`${path}: expected a model with vocab and merges, got ${summary(model)}`);
  }
  if (model.type !== undefined && model.type !== "BPE") {
    throw new ModelFileError(`${path}: model.type must be "BPE", got ${JSON.stringify(model.type)}`);
  }
  if (!Array.isArray(added)) {
    throw new ModelFileError(`${path}: added_tokens must be an array, got ${summary(added)}`);
  }
  for (const token of added) checkAddedToken(token, model.vocab, path);
  return { ...json, added_tokens: added } as unknown as TokenizerJson;
}

/** A JSON object among the files; an empty one if the file is not there. */
export function parseObject(files: TokenizerFiles, name: TokenizerFileName, where: string): Record<string, unknown> {
  const bytes = files.get(name);
  if (!bytes) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelFileError(`${join(where, name)}: not JSON: ${reason}`, { cause });
  }
  if (!isObject(parsed)) throw new ModelFileError(`${join(where, name)}: expected an object, got ${summary(parsed)}`);
  return parsed;
}

function checkAddedToken(token: unknown, vocabulary: Record<string, unknown>, path: string): void {
  if (!isObject(token) || typeof token.content !== "string" || token.content === "" || !isId(token.id)) {
    throw new ModelFileError(`${path}: an added token needs content and an integer id, got ${summary(token)}`);
  }
  const { content, id } = token;
  if (Object.hasOwn(vocabulary, content) && vocabulary[content] !== id) {
    throw new ModelFileError(`${path}: ${content} has id ${id} as added token, ${vocabulary[content]} in model.vocab`);
  }
  if (token.single_word === true) {
    throw new ModelFileError(`${path}: ${content} has single_word, which is not implemented`);
  }
}

function isId(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Whether a value is an object, not an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function summary(value: unknown): string {
  return (JSON.stringify(value) ?? "undefined").slice(0, 200);
}
