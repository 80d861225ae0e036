/** A model as a folder in Hugging Face's format: config.json, generation_config.json and safetensors. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Device, type Dtype, tidy } from "@zerosearch/torch";
import { z } from "zod";
import { ModelFileError } from "../errors.ts";
import { openCheckpoint } from "../weights/checkpoint.ts";
import { matchWeights } from "../weights/match-weights.ts";
import { replaceFile } from "../weights/staged-file.ts";
import { writeCheckpoint } from "../weights/write-checkpoint.ts";
import { Decoder } from "./decoder.ts";
import { type DecoderConfig, decoderConfigToJson, parseDecoderConfig } from "./decoder-config.ts";
import { parameterShapes } from "./parameters.ts";

/** How weights are held in memory. */
export interface LoadOptions {
  /** Of all weights; by default the one in which the file holds the embedding. */
  readonly dtype?: Dtype;
  readonly device?: Device;
}

/** Config and generation settings of a model folder. */
const CONFIG_FILE = "config.json";
const GENERATION_CONFIG_FILE = "generation_config.json";

/** @throws {ModelFileError} config.json is missing, malformed, or of a model that is not implemented */
export function readDecoderConfig(folder: string): DecoderConfig {
  const path = join(folder, CONFIG_FILE);
  return parseDecoderConfig(readJson(path), path);
}

/**
 * Loads a decoder, all in one dtype, as transformers does. On the CPU what the file holds in that dtype is not read or
 * copied: weights are pages of the mapped file, private to this process once written.
 *
 * @throws {ModelFileError} a file is missing or malformed, or weights and config.json don't fit
 */
export function loadDecoder(folder: string, { dtype, device = "cpu" }: LoadOptions = {}): Decoder {
  const config = readDecoderConfig(folder);
  using checkpoint = openCheckpoint(folder);
  const shapes = parameterShapes(config);
  // Some writers store a copy of the tied output weights, and rotary tables, which are computed here.
  matchWeights(
    shapes,
    checkpoint,
    (name) => (config.tiedEmbeddings && name === "lm_head.weight") || name.endsWith("rotary_emb.inv_freq"),
  );
  const target = { dtype: dtype ?? checkpoint.info("model.embed_tokens.weight").dtype, device };
  const parameters = tidy(() => new Map([...shapes.keys()].map((name) => [name, checkpoint.read(name).to(target)])));
  return new Decoder(config, parameters);
}

/** What a folder says of how to generate. */
export interface GenerationConfig {
  /** Tokens that end a text. */
  readonly eosIds: readonly number[];
}

/** Reads generation_config.json, and config.json where that is silent; both name `eos_token_id` as one id or several. */
export function readGenerationConfig(folder: string): GenerationConfig {
  const fields = z.looseObject({ eos_token_id: z.union([z.number(), z.array(z.number())]).nullish() });
  for (const name of [GENERATION_CONFIG_FILE, CONFIG_FILE]) {
    const path = join(folder, name);
    if (name === GENERATION_CONFIG_FILE && !existsSync(path)) continue;
    const parsed = fields.safeParse(readJson(path));
    if (!parsed.success) throw new ModelFileError(`${path}: ${z.prettifyError(parsed.error)}`);
    const ids = parsed.data.eos_token_id;
    if (ids !== undefined && ids !== null) return { eosIds: typeof ids === "number" ? [ids] : ids };
  }
  return { eosIds: [] };
}

/** What else a saved folder says of how to generate. */
export interface SaveOptions {
  /** Fields of generation_config.json, such as `eos_token_id`. */
  readonly generation?: Readonly<Record<string, unknown>>;
  /** Weights are split into files of at most this size. */
  readonly maxShardBytes?: number;
}

/** Writes a decoder that transformers, and {@link loadDecoder}, can load. The tokenizer saves itself. */
export function saveDecoder(
  folder: string,
  decoder: Decoder,
  { generation = {}, maxShardBytes }: SaveOptions = {},
): void {
  mkdirSync(folder, { recursive: true });
  const config = decoderConfigToJson(decoder.config, decoder.embeddings.dtype);
  const ids = Object.fromEntries(Object.entries(generation).filter(([name]) => name.endsWith("_token_id")));
  writeJson(join(folder, CONFIG_FILE), { ...config, ...ids });
  writeJson(join(folder, GENERATION_CONFIG_FILE), generation);
  writeCheckpoint(folder, decoder.parameters, {
    metadata: { format: "pt" },
    ...(maxShardBytes === undefined ? {} : { maxShardBytes }),
  });
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new ModelFileError(`${path} can't be read: a model folder holds config.json and safetensors`, { cause });
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ModelFileError(`${path} is no JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

function writeJson(path: string, value: unknown): void {
  replaceFile(path, new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`));
}
