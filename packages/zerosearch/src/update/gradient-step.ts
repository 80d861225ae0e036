/**
 * One optimizer step over a mini-batch: gradients of its micro-batches are summed, clipped, looked at and applied. What
 * is no number is not applied.
 */
import { foreachAdd_, grad, stack, type Tensor, TensorScope, tidy } from "@zerosearch/torch";
import { clipGradients } from "./clip-gradients.ts";
import type { AdamW } from "./optimizer.ts";
import type { Objective } from "./policy-objective.ts";
import type { TokenBudget } from "./token-budget.ts";

export interface GradientStep {
  readonly loss: number;
  /** Sums over the micro-batches, by name. */
  readonly terms: Readonly<Record<string, number>>;
  /** Before clipping. */
  readonly gradientNorm: number;
  readonly microBatches: number;
  /** False: loss or gradients were no numbers, and nothing was changed. */
  readonly isTaken: boolean;
}

export interface GradientStepOptions {
  /** Tokens of each sequence of the mini-batch. */
  readonly lengths: readonly number[];
  readonly budget: TokenBudget;
  readonly learningRate: number;
  readonly maxGradientNorm: number;
}

/** @param objectiveOf  of a micro-batch, given by indices into `lengths` */
export function gradientStep(
  optimizer: AdamW,
  objectiveOf: (indices: readonly number[]) => Objective,
  { lengths, budget, learningRate, maxGradientNorm }: GradientStepOptions,
): GradientStep {
  using scope = new TensorScope();
  const { parameters } = optimizer;
  const sums: Tensor[] = [];
  const totals = new Map<string, number>();
  for (const parameter of parameters) parameter.requireGrad();
  try {
    const microBatches = budget.forEachBatch(lengths, (indices) => {
      const { gradients, numbers } = differentiate(objectiveOf, indices, parameters);
      for (const gradient of gradients) scope.add(gradient);
      if (sums.length === 0) sums.push(...gradients);
      else {
        foreachAdd_(sums, gradients);
        for (const gradient of gradients) gradient.dispose();
      }
      for (const [name, value] of numbers) totals.set(name, (totals.get(name) ?? 0) + value);
    });
    const clipped = clipGradients(sums, maxGradientNorm);
    const { [LOSS]: loss = 0, ...terms } = Object.fromEntries(totals);
    const isTaken = clipped.isFinite && Number.isFinite(loss);
    if (isTaken) optimizer.step(sums, learningRate);
    return { loss, terms, gradientNorm: clipped.norm, microBatches, isTaken };
  } finally {
    for (const parameter of parameters) parameter.requireGrad(false);
  }
}

const LOSS = "loss";

/** Leaves nothing behind if memory runs out; gradients of 16 bits become float32, in which they are summed. */
function differentiate(
  objectiveOf: (indices: readonly number[]) => Objective,
  indices: readonly number[],
  parameters: readonly Tensor[],
): { gradients: Tensor[]; numbers: [string, number][] } {
  return tidy(() => {
    const { loss, terms } = objectiveOf(indices);
    const gradients = grad(loss, parameters).map((gradient) =>
      gradient.dtype === "float64" ? gradient : gradient.to("float32"),
    );
    const named = Object.entries({ [LOSS]: loss.detach(), ...terms });
    const values = stack(named.map(([, value]) => value.to("float64"))).toNumbers();
    return { gradients, numbers: named.map(([name], i) => [name, values[i] ?? Number.NaN]) };
  });
}
