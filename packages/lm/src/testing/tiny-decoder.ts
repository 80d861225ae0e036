/** A decoder small enough for tests, with weights large enough that its choices are not all alike. */
import { type Dtype, Generator } from "@zerosearch/torch";
import { Decoder } from "../models/decoder.ts";
import { type DecoderConfig, parseDecoderConfig } from "../models/decoder-config.ts";
import { initialParameters } from "../models/parameters.ts";

/** Two layers, grouped heads, biases: 160 tokens unless `changes` says otherwise. */
export function tinyConfig(changes: Record<string, unknown> = {}): DecoderConfig {
  const json = {
    model_type: "qwen2",
    vocab_size: 160,
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 512,
    rms_norm_eps: 1e-6,
    rope_theta: 10_000,
    tie_word_embeddings: true,
    initializer_range: 0.3,
    ...changes,
  };
  return parseDecoderConfig(json, "tiny config.json");
}

/** A fresh one; the same seed gives the same weights. */
export function tinyDecoder(seed = 0, changes: Record<string, unknown> = {}, dtype: Dtype = "float32"): Decoder {
  using generator = new Generator(seed);
  const config = tinyConfig(changes);
  return new Decoder(config, initialParameters(config, generator, { dtype }));
}
