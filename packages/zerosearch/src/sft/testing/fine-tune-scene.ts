/** A model of a few thousand weights and records it can learn in seconds, in a folder that the test removes. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { trainBpe } from "@zerosearch/lm";
import { parseConfig } from "../../core/config-overrides.ts";
import { type FineTuneConfig, fineTuneConfigSchema } from "../fine-tune-config.ts";

/** In every prompt. */
export const INSTRUCTION = "write what a search would find";
/** The rule that records follow: a page about the city that is asked for. */
export const CITIES: readonly string[] = ["oslo", "lima", "rome", "bern", "cairo", "quito"];
export const pageOf = (city: string): string => `Doc 1: ${city} is a city.`;

/** Writes config.json and the tokenizer, without weights. */
function writeModelFolder(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const tokenizer = trainBpe({
    texts: [INSTRUCTION, ...CITIES.map(pageOf)],
    vocabularySize: 300,
    specialTokens: ["<|end|>"],
    eosToken: "<|end|>",
  });
  tokenizer.save(folder);
  const config = {
    model_type: "qwen2",
    vocab_size: 304,
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    max_position_embeddings: 128,
    rms_norm_eps: 1e-6,
    rope_theta: 10_000,
    tie_word_embeddings: true,
    initializer_range: 0.1,
  };
  writeFileSync(join(folder, "config.json"), JSON.stringify(config));
  return folder;
}

/** Writes so many records, of every city in turn. */
export function writeRecords(path: string, count: number): string {
  const rows = Array.from({ length: count }, (_, i) => {
    const city = CITIES[i % CITIES.length] ?? "";
    return { prompt: `${INSTRUCTION}: ${city}`, completion: pageOf(city), label: i % 2 === 0 ? "useful" : "noisy" };
  });
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return path;
}

/** A configuration that learns the records in 80 steps. */
export function sceneConfig(folder: string, changes: object = {}): FineTuneConfig {
  const value = {
    model: { path: writeModelFolder(join(folder, "base")), weights: "fresh" },
    data: { files: [writeRecords(join(folder, "records.jsonl"), 60)], validation: { share: 0.2 }, maxTokens: 128 },
    steps: 80,
    tokensPerBatch: 400,
    optimizer: { lr: 1e-2, warmupSteps: 4, decay: "linear" },
    validateEvery: 10,
    save: { every: 10, keepLast: 2 },
    ...changes,
  };
  return parseConfig(fineTuneConfigSchema, value, "this test");
}
