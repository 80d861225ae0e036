/**
 * The critic of PPO: a decoder of its own with a linear head that gives one number, the value of the state in which a
 * policy token is chosen. Its weights are named as transformers names those of a token classifier with one label.
 */
import { Decoder, type NamedTensor, type Parameters } from "@zerosearch/lm";
import { linear, noGrad, type Tensor, tidy, zeros } from "@zerosearch/torch";
import { RunError } from "../core/errors.ts";
import { choosingStates, type PackedRollouts } from "./packed-rollouts.ts";

const HEAD_WEIGHT = "score.weight";
const HEAD_BIAS = "score.bias";
/** Turns states into logits, of which a critic has none. */
const OUTPUT_LAYER = "lm_head.weight";

/** A decoder and a value head, which it owns. */
export class Critic implements Disposable {
  readonly decoder: Decoder;
  /** The decoder's, then `score.weight` (1, E) and `score.bias` (1). */
  readonly parameters: Parameters;
  readonly #weight: Tensor;
  readonly #bias: Tensor;

  /**
   * Begins with a copy of a decoder's weights and a head of zeros: every value is 0, and advantages are rewards until
   * something has been learned.
   */
  constructor(origin: Decoder) {
    const copies = [...origin.parameters]
      .filter(([name]) => name !== OUTPUT_LAYER)
      .map(([name, parameter]) => [name, tidy(() => parameter.detach().clone())] as const);
    this.decoder = new Decoder({ ...origin.config, tiedEmbeddings: true }, new Map(copies));
    const place = { dtype: origin.embeddings.dtype, device: origin.embeddings.device };
    this.#weight = zeros([1, origin.config.hiddenSize], place);
    this.#bias = zeros([1], place);
    this.parameters = new Map([...this.decoder.parameters, [HEAD_WEIGHT, this.#weight], [HEAD_BIAS, this.#bias]]);
  }

  /** Values of the states that chose the policy tokens: float32 (M). Gradients flow to the parameters. */
  values(rollouts: PackedRollouts, options: { readonly checkpointLayers?: boolean } = {}): Tensor {
    return tidy(() => {
      const states = choosingStates(this.decoder, rollouts, options);
      return linear(states, this.#weight, this.#bias).squeeze(-1).to("float32");
    });
  }

  /** What a checkpoint must hold. The tensors stay the critic's. */
  tensors(): NamedTensor[] {
    return [...this.parameters];
  }

  /**
   * Goes on from saved tensors.
   *
   * @throws {RunError} one is missing or has another shape
   */
  restore(saved: ReadonlyMap<string, Tensor>): void {
    for (const [name, parameter] of this.parameters) {
      const found = saved.get(name);
      if (found?.shape.join() !== parameter.shape.join()) {
        throw new RunError(
          `critic ${name} must have shape [${parameter.shape.join(", ")}], the checkpoint has ` +
            `${found ? `[${found.shape.join(", ")}]` : "none"}: is it of another model?`,
        );
      }
    }
    noGrad(() => {
      for (const [name, parameter] of this.parameters) {
        const found = saved.get(name);
        if (found) parameter.copy_(found);
      }
    });
  }

  dispose(): void {
    for (const parameter of this.parameters.values()) parameter.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
