/**
 * The decoder (Vaswani et al. 2017, with pre-norm, rotary positions, SwiGLU and grouped heads): one forward pass for
 * training and generation. Only attention differs between them, and is passed in.
 */
import { checkpoint, embedding, getThreads, linear, type Tensor, tidy } from "@zerosearch/torch";
import { findExactNumerics } from "../nn/exact-numerics.ts";
import type { Attention } from "../nn/full-attention.ts";
import { FAST_NUMERICS, type Numerics } from "../nn/numerics.ts";
import { type NormConstants, normConstants, rmsNorm } from "../nn/rms-norm.ts";
import { mapRotation, type Rotation, rotaryFrequencies, rotate, rotationAt } from "../nn/rotary-embedding.ts";
import { onWholeRows } from "../nn/whole-rows.ts";
import type { DecoderConfig } from "./decoder-config.ts";
import { type Parameters, parameterShapes } from "./parameters.ts";

/** The product of rows with a weight and its bias, by the weight's name in the checkpoint without its ending. */
export type Linear = (name: string, x: Tensor) => Tensor;

/** What all layers of a pass share. */
interface Pass {
  /** Of queries, which it divides by √D as attention wants them. */
  readonly queryRotation: Rotation;
  readonly keyRotation: Rotation;
  readonly norm: NormConstants;
  readonly attention: Attention;
  readonly linear: Linear;
  /** As {@link ForwardOptions} has them, for the last layer. */
  readonly rows: Tensor | undefined;
}

/** What else a forward pass is told. */
export interface ForwardOptions {
  /** Keep each layer's input only, and compute the rest again for the gradients. */
  readonly checkpointLayers?: boolean;
  /** int64 (M): the rows whose hidden states are wanted, if not all; of the others the last layer computes keys and values only. */
  readonly rows?: Tensor | undefined;
  /** Products with the weights, if not {@link Decoder.linear}. */
  readonly linear?: Linear;
}

/** A decoder and its weights, which it owns. */
export class Decoder implements Disposable {
  readonly config: DecoderConfig;
  readonly parameters: Parameters;
  readonly #frequencies: Float32Array;
  #exact: { readonly threads: number; readonly numerics: Numerics } | undefined;

  /**
   * @param parameters  as {@link parameterShapes} lists them
   * @throws {RangeError} a parameter is missing or has another shape
   */
  constructor(config: DecoderConfig, parameters: Parameters) {
    for (const [name, shape] of parameterShapes(config)) {
      const got = parameters.get(name)?.shape;
      if (got?.join() !== shape.join()) {
        throw new RangeError(
          `parameter ${name} must have shape [${shape.join(", ")}], got ${got ? `[${got.join(", ")}]` : "none"}`,
        );
      }
    }
    this.config = config;
    this.parameters = parameters;
    this.#frequencies = rotaryFrequencies(config.rope, config.headSize);
  }

  /** The weights of the embedding, whose dtype and device are the model's. */
  get embeddings(): Tensor {
    return this.parameter("model.embed_tokens.weight");
  }

  /** (V, E): what hidden states are multiplied with to give logits. */
  get outputWeights(): Tensor {
    return this.config.tiedEmbeddings ? this.embeddings : this.parameter("lm_head.weight");
  }

  /**
   * Hidden states after the last norm. Gradients flow to the parameters that require them.
   *
   * @param tokens     int64 (N)
   * @param positions  int64 (N)
   * @param attention  how the rows see each other
   * @returns (N, E), or (M, E) of chosen rows; owned by the caller
   */
  forward(
    tokens: Tensor,
    positions: Tensor,
    attention: Attention,
    { checkpointLayers = false, linear = this.linear, rows }: ForwardOptions = {},
  ): Tensor {
    return tidy(() => {
      let hidden = embedding(this.embeddings, tokens); // (N, E)
      const rotation = rotationAt(positions, this.#frequencies);
      const keyRotation = mapRotation(rotation, (x) => x.to(hidden.dtype));
      const queryRotation = mapRotation(rotation, (x) => x.mul(this.config.headSize ** -0.5).to(hidden.dtype));
      const { layerCount, hiddenSize, normEpsilon } = this.config;
      const norm = normConstants(hiddenSize, normEpsilon, hidden.device);
      for (let layer = 0; layer < layerCount; layer++) {
        const before = hidden;
        const chosen = layer === layerCount - 1 ? rows : undefined;
        const pass: Pass = { queryRotation, keyRotation, norm, attention, linear, rows: chosen };
        const run = (x: Tensor): Tensor => this.#layer(layer, x, pass);
        hidden = checkpointLayers ? checkpoint(run, [before]) : run(before);
        before.dispose();
      }
      return rmsNorm(hidden, this.parameter("model.norm.weight"), norm);
    });
  }

  /** Logits of hidden states: (…, E) → (…, V). Large: see log-probs.ts for what needs them only in part. */
  logits(hidden: Tensor, linear: Linear = this.linear): Tensor {
    return linear(this.config.tiedEmbeddings ? "model.embed_tokens" : "lm_head", hidden);
  }

  /** x · weightᵀ + bias; differentiable. */
  readonly linear: Linear = (name, x) =>
    linear(x, this.parameter(`${name}.weight`), this.parameters.get(`${name}.bias`) ?? null);

  /** Makes every parameter require a gradient, or stop. Returns this. */
  requireGrad(value = true): this {
    for (const parameter of this.parameters.values()) parameter.requireGrad(value);
    return this;
  }

  /**
   * How to compute with this decoder. Exact numerics are found by trying, once, and again when the number of threads has
   * changed; see nn/exact-numerics.ts.
   *
   * @throws {RangeError} exact numerics are not to be had with the linked library
   */
  numerics(mode: Numerics["mode"]): Numerics {
    if (mode === "fast") return FAST_NUMERICS;
    const threads = getThreads();
    if (this.#exact?.threads !== threads) {
      const matrices = [...this.parameters.values()].filter((parameter) => parameter.ndim === 2);
      const byShape = new Map(matrices.map((matrix) => [matrix.shape.join(), matrix]));
      const { headSize, keyValueHeadCount, intermediateSize } = this.config;
      const rowSizes = [keyValueHeadCount * headSize, intermediateSize];
      const numerics = findExactNumerics({ weights: [...byShape.values()], headSize, rowSizes });
      this.#exact = { threads, numerics };
    }
    return this.#exact.numerics;
  }

  /** A parameter by its name in the checkpoint. */
  parameter(name: string): Tensor {
    const found = this.parameters.get(name);
    if (!found) throw new RangeError(`the decoder has no parameter ${name}`);
    return found;
  }

  dispose(): void {
    for (const parameter of this.parameters.values()) parameter.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #layer(layer: number, hidden: Tensor, pass: Pass): Tensor {
    const name = `model.layers.${layer}`;
    return tidy(() => {
      const attended = this.#attend(
        layer,
        rmsNorm(hidden, this.parameter(`${name}.input_layernorm.weight`), pass.norm),
        pass,
      );
      const middle = choose(hidden, pass.rows).add(attended);
      const fed = rmsNorm(middle, this.parameter(`${name}.post_attention_layernorm.weight`), pass.norm);
      return middle.add(this.#swiglu(`${name}.mlp`, fed, pass.linear));
    });
  }

  #attend(layer: number, x: Tensor, { queryRotation, keyRotation, attention, linear, rows }: Pass): Tensor {
    const { headCount, keyValueHeadCount, headSize, queryKeyNorm, normEpsilon } = this.config;
    const name = `model.layers.${layer}.self_attn`;
    let query = linear(`${name}.q_proj`, choose(x, rows)).view([-1, headCount, headSize]);
    let key = linear(`${name}.k_proj`, x).view([-1, keyValueHeadCount, headSize]);
    const value = linear(`${name}.v_proj`, x).view([-1, keyValueHeadCount, headSize]);
    if (queryKeyNorm) {
      const norm = normConstants(headSize, normEpsilon, x.device);
      query = rmsNorm(query, this.parameter(`${name}.q_norm.weight`), norm);
      key = rmsNorm(key, this.parameter(`${name}.k_norm.weight`), norm);
    }
    query = rotate(
      query,
      mapRotation(queryRotation, (x) => choose(x, rows)),
    );
    const mixed = attention(layer, query, rotate(key, keyRotation), value); // (N, H, D)
    return linear(`${name}.o_proj`, mixed.reshape([-1, headCount * headSize]));
  }

  /** down(silu(gate(x)) · up(x)) (Shazeer 2020, arXiv 2002.05202) */
  #swiglu(name: string, x: Tensor, linear: Linear): Tensor {
    const gate = onWholeRows([linear(`${name}.gate_proj`, x)], (rows) => rows.silu());
    return linear(`${name}.down_proj`, gate.mul(linear(`${name}.up_proj`, x)));
  }
}

/** The chosen rows, or all. */
function choose(x: Tensor, rows: Tensor | undefined): Tensor {
  return rows ? x.indexSelect(0, rows) : x;
}
