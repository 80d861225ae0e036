/** The critic's loss, token by token. */
import { type Tensor, tidy } from "@zerosearch/torch";

/** Of every policy token (M). */
export interface ValueLoss {
  readonly losses: Tensor;
  /** bool: clipping decided. */
  readonly isClipped: Tensor;
}

/**
 * ½·max((v − R)², (v′ − R)²) with v′ the value held within `clip` of the old one. Policy tokens only: the values of
 * observation tokens are nobody's business (defect D8 of the reference).
 *
 * @param values     (M), gradients flow to it
 * @param oldValues  (M), before the update
 * @param returns    (M)
 * @param clip       Infinity does not clip
 */
export function valueLoss(values: Tensor, oldValues: Tensor, returns: Tensor, clip: number): ValueLoss {
  return tidy(() => {
    const bound = Math.min(clip, Number.MAX_VALUE);
    const held = oldValues.add(values.sub(oldValues).clamp(-bound, bound));
    const free = values.sub(returns).square();
    const clipped = held.sub(returns).square();
    return { losses: free.maximum(clipped).mul(0.5), isClipped: clipped.gt(free) };
  });
}
