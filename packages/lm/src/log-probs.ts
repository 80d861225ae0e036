/**
 * Log-probabilities and entropies of tokens from hidden states, a chunk of rows at a time: the logits of a batch, which
 * for a vocabulary of 150,000 outweigh everything else, never exist as a whole, forward or backward. Shared by
 * sampling, reinforcement learning and fine-tuning, so that all mean the same by a token's log-probability.
 */
import { cat, checkpoint, linear, type Tensor, tidy, zeros } from "@zerosearch/torch";
import { type Numerics, roundUp } from "./nn/numerics.ts";

/** Rows whose logits are in memory together. */
const DEFAULT_CHUNK_ROWS = 256;

/** Of every row, float32 (M). */
export interface TokenLogProbs {
  /** log p(target) */
  readonly logProbs: Tensor;
  /** −Σ p·log p over the vocabulary. */
  readonly entropies: Tensor;
}

/** How {@link tokenLogProbs} computes. */
export interface LogProbOptions {
  readonly numerics: Numerics;
  /** What logits are divided by, as when sampling. */
  readonly temperature?: number;
  /** Rows per chunk; more is faster up to a point and takes more memory. */
  readonly chunkRows?: number;
}

/**
 * Log-probabilities of targets given hidden states. Gradients flow to `hidden` and `weights`; the backward pass computes
 * each chunk's logits again.
 *
 * @param hidden   (M, E), states that predict the targets
 * @param weights  (V, E)
 * @param targets  int64 (M)
 */
export function tokenLogProbs(
  hidden: Tensor,
  weights: Tensor,
  targets: Tensor,
  options: LogProbOptions,
): TokenLogProbs {
  const { numerics, temperature = 1, chunkRows = DEFAULT_CHUNK_ROWS } = options;
  const rows = hidden.size(0);
  return tidy(() => {
    const padding = roundUp(rows, numerics.rowMultiple) - rows;
    const states = padding === 0 ? hidden : cat([hidden, zeros([padding, hidden.size(1)], placeOf(hidden))], 0);
    const labels = padding === 0 ? targets : cat([targets, zeros([padding], placeOf(targets))], 0);
    const chunk = roundUp(chunkRows, numerics.rowMultiple);
    // Split, not narrowed: backward, one joining of the chunks, where each narrowing adds zeros of full size.
    const parts = states.split(chunk).map((part, i) => {
      const own = labels.narrow(0, i * chunk, part.size(0));
      return checkpoint((rows: Tensor) => scoreRows(rows, weights, own, temperature), [part]);
    });
    const joined = (index: number): Tensor =>
      cat(
        parts.flatMap((part) => part[index] ?? []),
        0,
      ).narrow(0, 0, rows);
    return { logProbs: joined(0), entropies: joined(1) };
  });
}

/** log-probabilities over the vocabulary at a temperature, in float32: (M, E) → (M, V). */
function vocabularyLogProbs(hidden: Tensor, weights: Tensor, temperature: number): Tensor {
  return tidy(() => {
    const logits = linear(hidden, weights).to("float32");
    return (temperature === 1 ? logits : logits.div(temperature)).logSoftmax(-1);
  });
}

function scoreRows(hidden: Tensor, weights: Tensor, targets: Tensor, temperature: number): Tensor[] {
  const all = vocabularyLogProbs(hidden, weights, temperature); // (C, V)
  const logProbs = all.gather(-1, targets.unsqueeze(-1)).squeeze(-1); // (C)
  const entropies = all.exp().mul(all).sum(-1).neg(); // (C)
  return [logProbs, entropies];
}

const placeOf = (tensor: Tensor): { dtype: Tensor["dtype"]; device: Tensor["device"] } => ({
  dtype: tensor.dtype,
  device: tensor.device,
});
