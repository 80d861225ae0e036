/** A decoder's parameters: their names, which are the checkpoints', their shapes, and fresh values. */
import { type Device, type Dtype, type Generator, ones, randn, type Tensor, tidy, zeros } from "@zerosearch/torch";
import type { DecoderConfig } from "./decoder-config.ts";

/** Parameters by name, in the order of the layers. */
export type Parameters = ReadonlyMap<string, Tensor>;

/** The shape of every parameter, by name. */
export function parameterShapes(config: DecoderConfig): Map<string, readonly number[]> {
  const { hiddenSize, intermediateSize, headCount, keyValueHeadCount, headSize, vocabularySize } = config;
  const shapes = new Map<string, readonly number[]>([["model.embed_tokens.weight", [vocabularySize, hiddenSize]]]);
  const addLinear = (name: string, [outputs, inputs]: readonly [number, number], hasBias: boolean): void => {
    shapes.set(`${name}.weight`, [outputs, inputs]);
    if (hasBias) shapes.set(`${name}.bias`, [outputs]);
  };
  for (let layer = 0; layer < config.layerCount; layer++) {
    const name = `model.layers.${layer}`;
    shapes.set(`${name}.input_layernorm.weight`, [hiddenSize]);
    addLinear(`${name}.self_attn.q_proj`, [headCount * headSize, hiddenSize], config.queryKeyValueBias);
    addLinear(`${name}.self_attn.k_proj`, [keyValueHeadCount * headSize, hiddenSize], config.queryKeyValueBias);
    addLinear(`${name}.self_attn.v_proj`, [keyValueHeadCount * headSize, hiddenSize], config.queryKeyValueBias);
    addLinear(`${name}.self_attn.o_proj`, [hiddenSize, headCount * headSize], config.outputBias);
    if (config.queryKeyNorm) {
      shapes.set(`${name}.self_attn.q_norm.weight`, [headSize]);
      shapes.set(`${name}.self_attn.k_norm.weight`, [headSize]);
    }
    shapes.set(`${name}.post_attention_layernorm.weight`, [hiddenSize]);
    addLinear(`${name}.mlp.gate_proj`, [intermediateSize, hiddenSize], config.mlpBias);
    addLinear(`${name}.mlp.up_proj`, [intermediateSize, hiddenSize], config.mlpBias);
    addLinear(`${name}.mlp.down_proj`, [hiddenSize, intermediateSize], config.mlpBias);
  }
  shapes.set("model.norm.weight", [hiddenSize]);
  if (!config.tiedEmbeddings) shapes.set("lm_head.weight", [vocabularySize, hiddenSize]);
  return shapes;
}

/** How many numbers a decoder has to learn. */
export function parameterCount(config: DecoderConfig): number {
  let total = 0;
  for (const shape of parameterShapes(config).values()) total += shape.reduce((product, size) => product * size, 1);
  return total;
}

/**
 * Fresh parameters, as transformers initialises these families: normal weights, norms of one, biases of zero.
 *
 * @returns tensors of the caller's, requiring no gradient
 */
export function initialParameters(
  config: DecoderConfig,
  generator: Generator,
  { dtype = "float32", device = "cpu" }: { readonly dtype?: Dtype; readonly device?: Device } = {},
): Map<string, Tensor> {
  return tidy(() => {
    const parameters = new Map<string, Tensor>();
    for (const [name, shape] of parameterShapes(config)) {
      const isNorm = name.includes("norm");
      const value = isNorm
        ? ones(shape)
        : shape.length === 1
          ? zeros(shape)
          : randn(shape, { generator }).mul_(config.initializerRange);
      parameters.set(name, value.to({ dtype, device }));
    }
    return parameters;
  });
}
