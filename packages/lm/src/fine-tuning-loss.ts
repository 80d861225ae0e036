/** The loss of supervised fine-tuning. */
import { type Tensor, tidy } from "@zerosearch/torch";

/**
 * Mean negative log-probability of the tokens to learn: one mean over all of them, whatever sequences they come from,
 * so that splitting a batch into parts and adding their losses, each with the whole batch's count, changes nothing.
 *
 * @param logProbs    float32 (M)
 * @param learned     bool (M): false for prompts, which are not learned
 * @param tokenCount  learned tokens of the whole batch, of which these may be a part
 * @returns one element
 */
export function fineTuningLoss(logProbs: Tensor, learned: Tensor, tokenCount: number): Tensor {
  if (!(tokenCount > 0)) throw new RangeError(`a batch needs at least one token to learn, got ${tokenCount}`);
  return tidy(() => logProbs.maskedFill(learned.logicalNot(), 0).sum().div(-tokenCount));
}
