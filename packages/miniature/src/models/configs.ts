/** The sizes of the miniature's models: ordinary Qwen2 decoders, two heads of 32 rather than four of 16. */
import { type DecoderConfig, parseDecoderConfig } from "@zerosearch/lm";

/** What distinguishes the two. */
interface Size {
  readonly hiddenSize: number;
  readonly layerCount: number;
}

const HEAD_SIZE = 32;

/** 170,000 parameters. */
export const POLICY_SIZE: Size = { hiddenSize: 64, layerCount: 3 };

/** 470,000 parameters: writing a page of documents is harder than reading one. */
export const SIMULATOR_SIZE: Size = { hiddenSize: 96, layerCount: 4 };

export function decoderConfig({ hiddenSize, layerCount }: Size, vocabularySize: number): DecoderConfig {
  return parseDecoderConfig(
    {
      model_type: "qwen2",
      vocab_size: vocabularySize,
      hidden_size: hiddenSize,
      intermediate_size: 2.5 * hiddenSize,
      num_hidden_layers: layerCount,
      num_attention_heads: hiddenSize / HEAD_SIZE,
      head_dim: HEAD_SIZE,
      max_position_embeddings: 1024,
      rms_norm_eps: 1e-6,
      rope_theta: 10_000,
      tie_word_embeddings: true,
      initializer_range: hiddenSize ** -0.5,
    },
    "the miniature's configuration",
  );
}
