/**
 * KL as a term of the loss, which is added: it is minimised together with the policy loss (defect D3 of the reference,
 * which subtracts it).
 */
import { type Tensor, tidy } from "@zerosearch/torch";
import { type KlEstimator, LARGEST_K3 } from "../advantage/token-rewards.ts";

/** Keeps the exponential, and so its gradient, finite; k3 is bounded long before. */
const LARGEST_EXPONENT = 20;

/**
 * Estimates of KL(policy ‖ reference), token by token; values as `tokenKl` in advantage/token-rewards.ts.
 *
 * An estimator's own gradient is not that of KL: for tokens drawn from the policy, k1's is 0 on average, k3's that of
 * the reverse divergence; only k2's is right. With `hasKlGradient` the value stays and the gradient is k2's.
 *
 * @param logProbs   (M), gradients flow to it
 * @param reference  (M)
 */
export function klLoss(
  { estimator, hasKlGradient }: { readonly estimator: KlEstimator; readonly hasKlGradient: boolean },
  logProbs: Tensor,
  reference: Tensor,
): Tensor {
  return tidy(() => {
    const difference = reference.sub(logProbs);
    const own = estimate(estimator, difference);
    if (!hasKlGradient) return own;
    const right = difference.square().mul(0.5);
    return right.sub(right.detach()).add(own.detach());
  });
}

function estimate(estimator: KlEstimator, difference: Tensor): Tensor {
  switch (estimator) {
    case "k1":
      return difference.neg();
    case "k2":
      return difference.square().mul(0.5);
    case "k3":
      return difference.clampMax(LARGEST_EXPONENT).exp().sub(difference).sub(1).clampMax(LARGEST_K3);
    case "abs":
      return difference.abs();
    default:
      return estimator satisfies never;
  }
}
