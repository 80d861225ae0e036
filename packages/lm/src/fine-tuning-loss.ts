/** The loss of supervised fine-tuning. */
import { type Tensor, tidy } from "@zerosearch/torch";

/**
 * Weighted mean of the negative log-probabilities: one mean over all tokens, whatever sequences they come from, so that
 * splitting a batch into parts and adding their losses, each with the whole batch's weight, changes nothing.
 *
 * @param logProbs     float32 (M)
 * @param weights      float32 (M): 0 for prompts, which are not learned, whatever their log-probability; usually 1 else
 * @param totalWeight  of the whole batch, of which these may be a part
 * @returns one element
 */
export function fineTuningLoss(logProbs: Tensor, weights: Tensor, totalWeight: number): Tensor {
  if (!(totalWeight > 0))
    throw new RangeError(`a batch needs at least one token to learn, got a weight of ${totalWeight}`);
  return tidy(() => logProbs.maskedFill(weights.eq(0), 0).mul(weights).sum().div(-totalWeight));
}
