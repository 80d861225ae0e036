/** The models that benchmarks use: fresh weights, made anew each time in the system's folder for temporary files, or given. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decoder, initialParameters, loadDecoder, parseDecoderConfig, saveDecoder } from "@zerosearch/lm";
import { Generator } from "@zerosearch/torch";

const SHAPES = {
  /** 1.8 million parameters */
  tiny: { hidden_size: 128, intermediate_size: 384, num_hidden_layers: 4, num_attention_heads: 4, vocab_size: 8192 },
  /** 3.8 and 7.6 million: twice and four times as many, wider and deeper */
  double: { hidden_size: 192, intermediate_size: 576, num_hidden_layers: 5, num_attention_heads: 4, vocab_size: 8192 },
  quadruple: {
    hidden_size: 256,
    intermediate_size: 768,
    num_hidden_layers: 7,
    num_attention_heads: 4,
    vocab_size: 8192,
  },
  /** 12 layers, 512 wide: 38 million parameters */
  small: { hidden_size: 512, intermediate_size: 1408, num_hidden_layers: 12, num_attention_heads: 8, vocab_size: 8192 },
} as const;

export type ModelSize = keyof typeof SHAPES;

/** A Qwen2-shaped decoder and the folder where transformers finds the same weights. */
export function benchmarkModel(size: ModelSize): { decoder: Decoder; folder: string } {
  const json = {
    model_type: "qwen2",
    ...SHAPES[size],
    num_key_value_heads: 2,
    max_position_embeddings: 4096,
    rms_norm_eps: 1e-6,
    rope_theta: 1e6,
    tie_word_embeddings: true,
    initializer_range: 0.05,
  };
  const config = parseDecoderConfig(json, `${size} benchmark model`);
  using generator = new Generator(0);
  const decoder = new Decoder(config, initialParameters(config, generator));
  const folder = mkdtempSync(join(tmpdir(), `zerosearch-bench-${size}-`));
  saveDecoder(folder, decoder);
  return { decoder, folder };
}

/** The model of a folder, in float32 whatever it was saved in, as all others are. */
export function openModel(folder: string): { decoder: Decoder; folder: string } {
  return { decoder: loadDecoder(folder, { dtype: "float32" }), folder };
}
