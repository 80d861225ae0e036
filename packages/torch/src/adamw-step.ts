/**
 * One step of AdamW (Loshchilov & Hutter 2019, arXiv 1711.05101, algorithm 2) over many tensors: by the addon's kernel for
 * float32 on the CPU, libtorch's fused one where it has one, otherwise one operator per stage for all tensors together.
 */

import { checkedOptions } from "./checked-options.ts";
import { full } from "./creation.ts";
import { ArgumentError } from "./errors.ts";
import { noGrad } from "./grad.ts";
import { hasOperator } from "./native.ts";
import {
  adamw_,
  foreachAdd_,
  foreachAddcdiv_,
  foreachAddcmul_,
  foreachAddScalar_,
  foreachDiv_,
  foreachMul_,
  foreachSqrt,
  fusedAdamw_,
} from "./ops.generated.ts";
import { hasOwnProducts } from "./own-products.ts";
import { tidy } from "./scope.ts";
import { liveHandles, type Tensor } from "./tensor.ts";

/** What one step needs besides the tensors. */
export interface AdamWOptions {
  /** Steps done so far plus one: 1 the first time. */
  readonly step: number;
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** The tensors of one step: lists of the same length, each row of one shape. */
export interface AdamWTensors {
  readonly parameters: readonly Tensor[];
  readonly gradients: readonly Tensor[];
  /** Running means of the gradients, zero at first. */
  readonly firstMoments: readonly Tensor[];
  /** Running means of their squares, zero at first. */
  readonly secondMoments: readonly Tensor[];
}

/**
 * Updates parameters and moments in place; no gradient flows.
 *
 * @throws {ArgumentError} the lists differ in length, or step is no integer ≥ 1
 */
export function adamwStep(tensors: AdamWTensors, options: AdamWOptions): void {
  const { parameters, gradients, firstMoments, secondMoments } = checkedOptions(tensors, "adamwStep");
  checkedOptions(options, "adamwStep");
  const lists = Object.entries({ parameters, gradients, firstMoments, secondMoments });
  const lengths = lists.map(([name, list]) => liveHandles(list, "adamwStep", name).length);
  if (new Set(lengths).size !== 1)
    throw new ArgumentError(`adamwStep: lists of lengths ${lengths.join(", ")}, expected one length`);
  if (!Number.isSafeInteger(options.step) || options.step < 1) {
    throw new ArgumentError(`adamwStep: step must be an integer ≥ 1, got ${String(options.step)}`);
  }
  if (parameters.length === 0) return;
  const isPlain = Object.values(tensors).every((list: readonly Tensor[]) => list.every(hasOwnProducts));
  const step = isPlain ? ownStep : hasOperator("aten::_fused_adamw_") ? fusedStep : foreachStep;
  noGrad(() =>
    tidy(() => {
      step(tensors, options);
    }),
  );
}

function ownStep(tensors: AdamWTensors, options: AdamWOptions): void {
  const { parameters, gradients, firstMoments, secondMoments } = tensors;
  // All before the first is written to.
  for (const [i, { shape }] of parameters.entries()) {
    for (const [name, list] of Object.entries({ gradients, firstMoments, secondMoments })) {
      const found = list[i]?.shape;
      if (found?.join() === shape.join()) continue;
      throw new ArgumentError(`adamwStep: ${name}[${i}] has shape [${found}], its parameter [${shape}]`);
    }
  }
  const { step, learningRate, beta1, beta2, epsilon, weightDecay } = options;
  const correction = Math.sqrt(1 - beta2 ** step);
  const rate = learningRate / (1 - beta1 ** step);
  for (const [i, parameter] of parameters.entries()) {
    const [gradient, first, second] = [gradients[i], firstMoments[i], secondMoments[i]] as [Tensor, Tensor, Tensor];
    adamw_(parameter, gradient, first, second, 1 - learningRate * weightDecay, beta1, beta2, rate, correction, epsilon);
  }
}

function fusedStep({ parameters, gradients, firstMoments, secondMoments }: AdamWTensors, options: AdamWOptions): void {
  const steps = parameters.map((parameter) => full([], options.step, { device: parameter.device }));
  fusedAdamw_(parameters, gradients, firstMoments, secondMoments, [], steps, {
    lr: options.learningRate,
    beta1: options.beta1,
    beta2: options.beta2,
    weightDecay: options.weightDecay,
    eps: options.epsilon,
    amsgrad: false,
    maximize: false,
  });
  // The kernel does not count its writes; a write to nothing of a tensor is counted.
  for (const written of [...parameters, ...firstMoments, ...secondMoments])
    written.unsqueeze(0).narrow(0, 0, 0).zero_();
}

function foreachStep(
  { parameters, gradients, firstMoments, secondMoments }: AdamWTensors,
  options: AdamWOptions,
): void {
  const { step, learningRate, beta1, beta2, epsilon, weightDecay } = options;
  if (weightDecay !== 0) foreachMul_(parameters, 1 - learningRate * weightDecay);
  foreachMul_(firstMoments, beta1);
  foreachAdd_(firstMoments, gradients, { alpha: 1 - beta1 });
  foreachMul_(secondMoments, beta2);
  foreachAddcmul_(secondMoments, gradients, gradients, 1 - beta2);
  const denominators = foreachSqrt(secondMoments);
  const correction = Math.sqrt(1 - beta2 ** step);
  foreachDiv_(
    denominators,
    parameters.map(() => correction),
  );
  foreachAddScalar_(denominators, epsilon);
  const rate = -learningRate / (1 - beta1 ** step);
  foreachAddcdiv_(
    parameters,
    firstMoments,
    denominators,
    parameters.map(() => rate),
  );
}
