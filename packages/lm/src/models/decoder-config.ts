/**
 * What distinguishes one decoder from another. A family is a set of these values, not code of its own: Qwen2 has biases
 * on q, k and v, Qwen3 norms on q and k, Llama neither.
 */
import { z } from "zod";
import { ModelFileError } from "../errors.ts";

/** How positions are turned into angles (Su et al. 2021, arXiv 2104.09864). */
export interface RopeConfig {
  readonly theta: number;
  readonly scaling:
    | { readonly kind: "none" }
    | { readonly kind: "linear"; readonly factor: number }
    | {
        readonly kind: "llama3";
        readonly factor: number;
        readonly lowFrequencyFactor: number;
        readonly highFrequencyFactor: number;
        readonly originalMaxPositions: number;
      };
}

/** A decoder's sizes and features. */
export interface DecoderConfig {
  readonly family: "qwen2" | "qwen3" | "llama";
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layerCount: number;
  readonly headCount: number;
  /** Divides `headCount`: each key head serves a group of query heads. */
  readonly keyValueHeadCount: number;
  readonly headSize: number;
  readonly maxPositions: number;
  readonly normEpsilon: number;
  readonly rope: RopeConfig;
  readonly queryKeyValueBias: boolean;
  readonly outputBias: boolean;
  readonly mlpBias: boolean;
  readonly queryKeyNorm: boolean;
  /** The output layer is the embedding. */
  readonly tiedEmbeddings: boolean;
  /** Standard deviation of fresh weights. */
  readonly initializerRange: number;
}

const count = z.number().int().positive();
const ropeFields = z.looseObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: z.number().positive().optional(),
  factor: z.number().positive().optional(),
  low_freq_factor: z.number().positive().optional(),
  high_freq_factor: z.number().positive().optional(),
  original_max_position_embeddings: count.optional(),
});

/** The fields of Hugging Face's config.json that matter here; others are ignored, as there. */
const configFields = z.looseObject({
  model_type: z.enum(["qwen2", "qwen3", "llama"]),
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  max_position_embeddings: count,
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive().optional(),
  rope_scaling: ropeFields.nullish(),
  rope_parameters: ropeFields.nullish(),
  attention_bias: z.boolean().optional(),
  mlp_bias: z.boolean().optional(),
  tie_word_embeddings: z.boolean().optional(),
  use_sliding_window: z.boolean().optional(),
  hidden_act: z.literal("silu").default("silu"),
  initializer_range: z.number().positive().default(0.02),
});

/**
 * Reads a parsed config.json, in the form published checkpoints have or the one transformers 5 writes.
 *
 * @param file  its path, for the error
 * @throws {ModelFileError} a field is missing, wrong, or asks for what is not implemented
 */
export function parseDecoderConfig(json: unknown, file: string): DecoderConfig {
  const parsed = configFields.safeParse(json);
  if (!parsed.success) throw new ModelFileError(`${file}: ${z.prettifyError(parsed.error)}`);
  const fields = parsed.data;
  if (fields.use_sliding_window)
    throw new ModelFileError(`${file}: use_sliding_window is not implemented, set it to false`);
  const headCount = fields.num_attention_heads;
  const keyValueHeadCount = fields.num_key_value_heads ?? headCount;
  if (headCount % keyValueHeadCount !== 0) {
    throw new ModelFileError(
      `${file}: num_attention_heads (${headCount}) must be a multiple of num_key_value_heads (${keyValueHeadCount})`,
    );
  }
  const headSize = fields.head_dim ?? fields.hidden_size / headCount;
  if (!Number.isInteger(headSize) || headSize % 2 !== 0) {
    throw new ModelFileError(`${file}: the head size must be an even integer, got ${headSize}`);
  }
  const family = fields.model_type;
  const attentionBias = fields.attention_bias ?? false;
  return {
    family,
    vocabularySize: fields.vocab_size,
    hiddenSize: fields.hidden_size,
    intermediateSize: fields.intermediate_size,
    layerCount: fields.num_hidden_layers,
    headCount,
    keyValueHeadCount,
    headSize,
    maxPositions: fields.max_position_embeddings,
    normEpsilon: fields.rms_norm_eps,
    rope: parseRope(fields, file),
    queryKeyValueBias: family === "qwen2" || attentionBias,
    outputBias: family !== "qwen2" && attentionBias,
    mlpBias: family === "llama" && (fields.mlp_bias ?? false),
    queryKeyNorm: family === "qwen3",
    tiedEmbeddings: fields.tie_word_embeddings ?? false,
    initializerRange: fields.initializer_range,
  };
}

function parseRope(fields: z.infer<typeof configFields>, file: string): RopeConfig {
  const scaling = fields.rope_parameters ?? fields.rope_scaling ?? {};
  const theta = fields.rope_parameters?.rope_theta ?? fields.rope_theta ?? 10_000;
  const kind = scaling.rope_type ?? scaling.type ?? "default";
  const required = (
    name: "factor" | "low_freq_factor" | "high_freq_factor" | "original_max_position_embeddings",
  ): number => {
    const value = scaling[name];
    if (value === undefined) throw new ModelFileError(`${file}: rope scaling "${kind}" needs ${name}`);
    return value;
  };
  switch (kind) {
    case "default":
      return { theta, scaling: { kind: "none" } };
    case "linear":
      return { theta, scaling: { kind: "linear", factor: required("factor") } };
    case "llama3":
      return {
        theta,
        scaling: {
          kind: "llama3",
          factor: required("factor"),
          lowFrequencyFactor: required("low_freq_factor"),
          highFrequencyFactor: required("high_freq_factor"),
          originalMaxPositions: required("original_max_position_embeddings"),
        },
      };
    default:
      throw new ModelFileError(`${file}: rope scaling "${kind}" is not implemented; default, linear and llama3 are`);
  }
}

/** config.json of a decoder, in the form of published checkpoints, which transformers of every age reads. */
export function decoderConfigToJson(config: DecoderConfig, dtype: string): Record<string, unknown> {
  const { rope } = config;
  const architecture = { qwen2: "Qwen2ForCausalLM", qwen3: "Qwen3ForCausalLM", llama: "LlamaForCausalLM" }[
    config.family
  ];
  return {
    architectures: [architecture],
    model_type: config.family,
    vocab_size: config.vocabularySize,
    hidden_size: config.hiddenSize,
    intermediate_size: config.intermediateSize,
    num_hidden_layers: config.layerCount,
    num_attention_heads: config.headCount,
    num_key_value_heads: config.keyValueHeadCount,
    head_dim: config.headSize,
    max_position_embeddings: config.maxPositions,
    rms_norm_eps: config.normEpsilon,
    rope_theta: rope.theta,
    rope_scaling: ropeScalingToJson(rope.scaling),
    attention_bias: config.family === "qwen2" ? true : config.queryKeyValueBias,
    ...(config.family === "llama" ? { mlp_bias: config.mlpBias } : {}),
    tie_word_embeddings: config.tiedEmbeddings,
    hidden_act: "silu",
    initializer_range: config.initializerRange,
    torch_dtype: dtype,
  };
}

function ropeScalingToJson(scaling: RopeConfig["scaling"]): Record<string, unknown> | null {
  switch (scaling.kind) {
    case "none":
      return null;
    case "linear":
      return { rope_type: "linear", factor: scaling.factor };
    case "llama3":
      return {
        rope_type: "llama3",
        factor: scaling.factor,
        low_freq_factor: scaling.lowFrequencyFactor,
        high_freq_factor: scaling.highFrequencyFactor,
        original_max_position_embeddings: scaling.originalMaxPositions,
      };
    default:
      return scaling satisfies never;
  }
}
