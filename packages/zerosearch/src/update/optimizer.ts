/**
 * AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101) over named parameters, with float32 master weights where the model
 * computes in 16 bits: an update of 1e-6 of a weight is lost in bfloat16, whose neighbours lie 4e-3 apart.
 */

import type { NamedTensor, Parameters } from "@zerosearch/lm";
import { adamwStep, noGrad, type Tensor, tidy, zeros } from "@zerosearch/torch";
import { RunError } from "../core/errors.ts";

export interface AdamWOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** The reference's (method: AdamW of PyTorch with its weight decay of 0.01). */
export const DEFAULT_ADAMW: AdamWOptions = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };

interface Slot {
  readonly name: string;
  /** What the model computes with. */
  readonly parameter: Tensor;
  /** float32; the parameter itself where that is float32 already. */
  readonly master: Tensor;
  readonly firstMoment: Tensor;
  readonly secondMoment: Tensor;
}

/** Owns its moments and master weights, borrows the parameters. */
export class AdamW implements Disposable {
  readonly options: AdamWOptions;
  readonly #slots: readonly Slot[];
  #stepCount = 0;

  /** @param parameters  by name; those of another dtype than float32 or float64 get a float32 master copy */
  constructor(parameters: Parameters, options: Partial<AdamWOptions> = {}) {
    this.options = { ...DEFAULT_ADAMW, ...options };
    this.#slots = [...parameters].map(([name, parameter]) => {
      const isWide = parameter.dtype === "float32" || parameter.dtype === "float64";
      const master = isWide ? parameter : noGrad(() => tidy(() => parameter.detach().to("float32")));
      const place = { dtype: master.dtype, device: master.device };
      const { shape } = parameter;
      return { name, parameter, master, firstMoment: zeros(shape, place), secondMoment: zeros(shape, place) };
    });
  }

  /** Updates done. */
  get stepCount(): number {
    return this.#stepCount;
  }

  get parameters(): readonly Tensor[] {
    return this.#slots.map(({ parameter }) => parameter);
  }

  /** @param gradients  one per parameter, in the parameters' order, of any dtype */
  step(gradients: readonly Tensor[], learningRate: number): void {
    if (gradients.length !== this.#slots.length) {
      throw new RangeError(`AdamW: ${gradients.length} gradients for ${this.#slots.length} parameters`);
    }
    this.#stepCount++;
    noGrad(() =>
      tidy(() => {
        const wide = gradients.map((gradient, i) => gradient.to(this.#slots[i]?.master.dtype ?? gradient.dtype));
        adamwStep(
          {
            parameters: this.#slots.map(({ master }) => master),
            gradients: wide,
            firstMoments: this.#slots.map(({ firstMoment }) => firstMoment),
            secondMoments: this.#slots.map(({ secondMoment }) => secondMoment),
          },
          { ...this.options, step: this.#stepCount, learningRate },
        );
        for (const { parameter, master } of this.#slots) if (parameter !== master) parameter.copy_(master);
      }),
    );
  }

  /** Everything a checkpoint must hold besides {@link stepCount} and the parameters. The tensors stay the optimizer's. */
  tensors(): NamedTensor[] {
    return this.#slots.flatMap(({ name, parameter, master, firstMoment, secondMoment }) => [
      [`${name}.first_moment`, firstMoment],
      [`${name}.second_moment`, secondMoment],
      ...(parameter === master ? [] : ([[`${name}.master`, master]] satisfies NamedTensor[])),
    ]);
  }

  /**
   * Goes on from saved tensors.
   *
   * @throws {RunError} one is missing or has another shape
   */
  restore(saved: ReadonlyMap<string, Tensor>, stepCount: number): void {
    noGrad(() =>
      tidy(() => {
        for (const [name, tensor] of this.tensors()) {
          const found = saved.get(name);
          if (found?.shape.join() !== tensor.shape.join()) {
            throw new RunError(
              `optimizer state ${name} must have shape [${tensor.shape.join(", ")}], the checkpoint has ` +
                `${found ? `[${found.shape.join(", ")}]` : "none"}: is it of another model?`,
            );
          }
          tensor.copy_(found);
        }
      }),
    );
    this.#stepCount = stepCount;
  }

  dispose(): void {
    for (const { parameter, master, firstMoment, secondMoment } of this.#slots) {
      firstMoment.dispose();
      secondMoment.dispose();
      if (parameter !== master) master.dispose();
    }
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
