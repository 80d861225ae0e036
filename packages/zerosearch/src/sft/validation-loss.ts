/** How well a model predicts what it does not learn from. */
import { setImmediate } from "node:timers/promises";
import type { Decoder, Numerics } from "@zerosearch/lm";
import { noGrad, tidy } from "@zerosearch/torch";
import { microBatches } from "../update/micro-batches.ts";
import { batchLoss, type Example, learnedWeight } from "./fine-tune-step.ts";

/**
 * Weighted mean over all examples of −log p. Between micro-batches the process may answer to signals.
 *
 * @param examples  at least one
 */
export async function validationLoss(
  decoder: Decoder,
  examples: readonly Example[],
  { numerics, tokensAtOnce }: { readonly numerics: Numerics; readonly tokensAtOnce: number },
): Promise<number> {
  const totalWeight = learnedWeight(examples);
  const lengths = examples.map(({ tokens }) => tokens.length);
  let loss = 0;
  for (const indices of microBatches(lengths, tokensAtOnce)) {
    const part = indices.flatMap((index) => examples[index] ?? []);
    loss += noGrad(() => tidy(() => batchLoss(decoder, part, { numerics, totalWeight }).item()));
    await setImmediate();
  }
  return loss;
}
