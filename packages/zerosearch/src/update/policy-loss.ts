/**
 * Policy losses, token by token: pure functions on tensors of policy tokens. Who calls them weighs and sums; see
 * loss-weights.ts.
 */
import { type Tensor, tidy, where, zeros } from "@zerosearch/torch";

/** Log-ratios beyond this are held there, so that no ratio overflows. */
const LARGEST_LOG_RATIO = 20;

export interface PolicyLossSettings {
  /**
   * - `clipped`: PPO's surrogate, −min(r·A, clip(r)·A) (arXiv 1707.06347)
   * - `sequence-clipped`: the same with one ratio per trajectory, the geometric mean of its tokens' (GSPO, arXiv
   *   2507.18071)
   * - `clipped-weight`: −sg(clip(r))·A·log p: every token keeps a gradient, its weight is bounded (CISPO, arXiv
   *   2506.13585)
   */
  readonly kind: "clipped" | "sequence-clipped" | "clipped-weight";
  /** Ratios are clipped at 1 − this. */
  readonly clipBelow: number;
  /** Ratios are clipped at 1 + this; more than `clipBelow` is DAPO's clip-higher. */
  readonly clipAbove: number;
  /** c > 1: with a negative advantage the loss is at most −c·A (dual clip, Ye et al. 2020, arXiv 1912.09729). */
  readonly dualClip?: number;
}

/** Tensors of M policy tokens, float32. */
export interface PolicyLossInputs {
  /** Under the policy that is learning; gradients flow to it alone. */
  readonly logProbs: Tensor;
  readonly oldLogProbs: Tensor;
  readonly advantages: Tensor;
  /** int64 (M), from 0: which trajectory a token belongs to, and how many there are. */
  readonly owners: Tensor;
  readonly ownerCount: number;
}

/** Of every token (M). */
export interface PolicyLoss {
  readonly losses: Tensor;
  /** bool: clipping decided. */
  readonly isClipped: Tensor;
  /** bool: the dual clip decided. */
  readonly isDualClipped: Tensor;
  /** log p − old log p, without gradient. */
  readonly logRatios: Tensor;
}

export function policyLoss(settings: PolicyLossSettings, inputs: PolicyLossInputs): PolicyLoss {
  const { kind, clipBelow, clipAbove } = settings;
  return tidy(() => {
    const { logProbs, oldLogProbs, advantages } = inputs;
    const tokenLogRatios = logProbs.sub(oldLogProbs);
    const logRatios = kind === "sequence-clipped" ? trajectoryMeans(tokenLogRatios, inputs) : tokenLogRatios;
    const ratios = logRatios.clamp(-LARGEST_LOG_RATIO, LARGEST_LOG_RATIO).exp();
    const clipped = ratios.clamp(1 - clipBelow, 1 + clipAbove);
    const detachedRatios = tokenLogRatios.detach();
    if (kind === "clipped-weight") {
      return {
        losses: clipped.detach().mul(advantages).mul(logProbs).neg(),
        isClipped: clipped.ne(ratios),
        isDualClipped: zeros(ratios.shape, { dtype: "bool", device: ratios.device }),
        logRatios: detachedRatios,
      };
    }
    const free = ratios.mul(advantages).neg();
    const held = clipped.mul(advantages).neg();
    const surrogate = free.maximum(held);
    const { losses, isDualClipped } = dualClipped(surrogate, advantages, settings.dualClip);
    return { losses, isClipped: held.gt(free), isDualClipped, logRatios: detachedRatios };
  });
}

function dualClipped(
  surrogate: Tensor,
  advantages: Tensor,
  bound: number | undefined,
): { losses: Tensor; isDualClipped: Tensor } {
  const limit = advantages.mul(-(bound ?? Number.POSITIVE_INFINITY));
  const isDualClipped = advantages.lt(0).logicalAnd(surrogate.gt(limit));
  // the limit is a constant: no gradient flows through it
  const losses = bound === undefined ? surrogate : where(isDualClipped, limit, surrogate);
  return { losses, isDualClipped };
}

/** Every token's value replaced by the mean of its trajectory's. */
function trajectoryMeans(values: Tensor, { owners, ownerCount }: PolicyLossInputs): Tensor {
  const place = { dtype: values.dtype, device: values.device };
  const sums = zeros([ownerCount], place).indexAdd(0, owners, values);
  const counts = zeros([ownerCount], place).indexAdd(0, owners, values.detach().mul(0).add(1));
  return sums.div(counts).indexSelect(0, owners);
}
