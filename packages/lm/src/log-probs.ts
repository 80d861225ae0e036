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
 * Log-probabilities of targets given hidden states, float32 (M). Gradients flow to `hidden` and `weights`; the backward pass
 * computes each chunk's logits again.
 *
 * @param hidden   (M, E), states that predict the targets
 * @param weights  (V, E)
 * @param targets  int64 (M)
 */
export function tokenLogProbs(hidden: Tensor, weights: Tensor, targets: Tensor, options: LogProbOptions): Tensor {
  return tidy(() => {
    const [logProbs] = inChunks(hidden, targets, options, (rows, own, temperature) => [
      ofTargets(vocabularyLogProbs(rows, weights, temperature), own),
    ]);
    if (!logProbs) throw new RangeError("internal: a chunk gives log-probabilities");
    return logProbs;
  });
}

/** The same with the entropies beside them, which take three more passes over the vocabulary. */
export function tokenLogProbsAndEntropies(
  hidden: Tensor,
  weights: Tensor,
  targets: Tensor,
  options: LogProbOptions,
): TokenLogProbs {
  return tidy(() => {
    const [logProbs, entropies] = inChunks(hidden, targets, options, (rows, own, temperature) => {
      const all = vocabularyLogProbs(rows, weights, temperature); // (C, V)
      return [ofTargets(all, own), all.exp().mul(all).sum(-1).neg()];
    });
    if (!logProbs || !entropies) throw new RangeError("internal: a chunk gives log-probabilities and entropies");
    return { logProbs, entropies };
  });
}

/** What is computed of (C, E) states and int64 (C) targets, joined: (M) each. */
function inChunks(
  hidden: Tensor,
  targets: Tensor,
  { numerics, temperature = 1, chunkRows = DEFAULT_CHUNK_ROWS }: LogProbOptions,
  score: (rows: Tensor, targets: Tensor, temperature: number) => Tensor[],
): Tensor[] {
  const rows = hidden.size(0);
  const padding = roundUp(rows, numerics.rowMultiple) - rows;
  const states = padding === 0 ? hidden : cat([hidden, zeros([padding, hidden.size(1)], placeOf(hidden))], 0);
  const labels = padding === 0 ? targets : cat([targets, zeros([padding], placeOf(targets))], 0);
  const chunk = roundUp(chunkRows, numerics.rowMultiple);
  // Split, not narrowed: backward, one joining of the chunks, where each narrowing adds zeros of full size.
  const parts = states.split(chunk).map((part, i) => {
    const own = labels.narrow(0, i * chunk, part.size(0));
    return checkpoint((part: Tensor) => score(part, own, temperature), [part]);
  });
  const count = parts[0]?.length ?? 0;
  return Array.from({ length: count }, (_, index) =>
    cat(
      parts.flatMap((part) => part[index] ?? []),
      0,
    ).narrow(0, 0, rows),
  );
}

/** log-probabilities over the vocabulary at a temperature, in float32: (M, E) → (M, V). */
function vocabularyLogProbs(hidden: Tensor, weights: Tensor, temperature: number): Tensor {
  return tidy(() => {
    const logits = linear(hidden, weights).to("float32");
    return (temperature === 1 ? logits : logits.div(temperature)).logSoftmax(-1);
  });
}

/** (C, V) → (C) */
function ofTargets(all: Tensor, targets: Tensor): Tensor {
  return all.gather(-1, targets.unsqueeze(-1)).squeeze(-1);
}

const placeOf = (tensor: Tensor): { dtype: Tensor["dtype"]; device: Tensor["device"] } => ({
  dtype: tensor.dtype,
  device: tensor.device,
});
