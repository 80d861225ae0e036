/** Drawing one token for each of several rows of logits, each row by its own rules. */
import { arange, fromTypedArray, type Tensor, tidy, where } from "@zerosearch/torch";
import { SamplingError } from "../errors.ts";
import { int64 } from "../nn/int64.ts";
import { draw } from "./draw.ts";
import type { ResolvedSampling, SampledToken } from "./request.ts";

/** One row's rules. */
export interface SamplingRow {
  readonly sampling: ResolvedSampling;
  /** What decides, in [0, 1). */
  readonly uniform: number;
  /** Tokens that occurred, for the repetition penalty. */
  readonly seen: readonly number[];
}

/**
 * One token per row, or why there is none. It and its log-probabilities depend on that row alone.
 *
 * @param logits  (n, V), any floating dtype; −∞ is a token that can't come
 * @returns an error for a row that holds NaN or ∞, or −∞ only
 */
export function sampleTokens(logits: Tensor, rows: readonly SamplingRow[]): (SampledToken | SamplingError)[] {
  return tidy(() => {
    const wide = logits.to("float32");
    const column = (values: number[]): Tensor =>
      fromTypedArray(Float32Array.from(values), [rows.length, 1], { device: logits.device });
    const temperatures = rows.map(({ sampling }) => sampling.temperature || 1);
    const scaleBy = temperatures.every((t) => t === 1) ? undefined : column(temperatures);
    const scaled = (x: Tensor): Tensor => (scaleBy ? x.div(scaleBy) : x);
    const full = scaled(wide).logSoftmax(-1); // (n, V)
    const penalised = penalise(wide, rows);
    const candidates = truncate(penalised === wide ? full : scaled(penalised).logSoftmax(-1), rows);

    const ids = pick(penalised, candidates, rows);
    const places = int64(ids, logits.device, [ids.length, 1]);
    const whole = full.gather(-1, places).toNumbers();
    const own = candidates === full ? whole : candidates.gather(-1, places).toNumbers();
    return ids.map((id, row) => {
      const [ownLogProb = Number.NaN, fullLogProb = Number.NaN] = [own[row], whole[row]];
      // Both are normalised over the whole row: one logit that is no number makes them NaN, whichever token was picked.
      if (Number.isNaN(ownLogProb + fullLogProb)) return unfit(logits.select(0, row));
      return { id, logProb: rows[row]?.sampling.temperature === 0 ? 0 : ownLogProb, fullLogProb };
    });
  });
}

/** @param logits  (V), of a row whose log-probabilities are NaN */
function unfit(logits: Tensor): SamplingError {
  const values = logits.to("float32").toNumbers();
  const largest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return new SamplingError(
    `no token can be sampled: the largest of ${values.length} logits is ${largest}, expected a number that stays finite with temperature and repetition penalty applied. ` +
      "Weights or activations overflowed or are NaN: compute in float32 instead of float16 or bfloat16, or check the weights",
  );
}

/** The likeliest token of rows at temperature 0, a drawn one of the others. */
function pick(logits: Tensor, candidates: Tensor, rows: readonly SamplingRow[]): number[] {
  const isGreedy = rows.map(({ sampling }) => sampling.temperature === 0);
  const likeliest = isGreedy.includes(true) ? logits.argmax(-1).toNumbers() : [];
  if (!isGreedy.includes(false)) return likeliest;
  const drawn = draw(
    candidates.softmax(-1),
    rows.map(({ uniform }) => uniform),
  );
  return drawn.map((id, row) => (isGreedy[row] ? (likeliest[row] ?? id) : id));
}

/** Keeps the tokens that topK, topP and minP allow, and normalises again; rows that allow all stay untouched. */
function truncate(logProbs: Tensor, rows: readonly SamplingRow[]): Tensor {
  const truncates = rows.map(({ sampling: { topK, topP, minP } }) => topK > 0 || topP < 1 || minP > 0);
  if (!truncates.includes(true)) return logProbs;
  const size = logProbs.size(-1);
  const column = (pick: (sampling: ResolvedSampling) => number): Tensor =>
    fromTypedArray(
      Float32Array.from(rows, (row) => pick(row.sampling)),
      [rows.length, 1],
      { device: logProbs.device },
    );
  const [sorted, order] = logProbs.softmax(-1).sort(-1, true); // (n, V), likeliest first
  const before = sorted.cumsum(-1).sub(sorted); // what the likelier ones add up to
  const rank = arange(0, size, 1, { device: logProbs.device }).unsqueeze(0); // (1, V)
  const isOut = rank
    .ge(column(({ topK }) => topK || size))
    .logicalOr(before.ge(column(({ topP }) => topP)).logicalAnd(column(({ topP }) => topP).lt(1)))
    .logicalOr(sorted.lt(sorted.narrow(-1, 0, 1).mul(column(({ minP }) => minP))));
  const isOutInOrder = isOut.logicalAnd(rank.gt(0)).to("float32"); // the likeliest always stays
  const isOutByToken = isOutInOrder.zerosLike().scatter(-1, order, isOutInOrder).gt(0);
  const truncated = logProbs.maskedFill(isOutByToken, Number.NEGATIVE_INFINITY).logSoftmax(-1);
  const applies = column((sampling) => (sampling.topK > 0 || sampling.topP < 1 || sampling.minP > 0 ? 1 : 0)).gt(0);
  return where(applies, truncated, logProbs);
}

/** Logits with the repetition penalty applied; the same tensor when no row has one. */
function penalise(logits: Tensor, rows: readonly SamplingRow[]): Tensor {
  if (rows.every(({ sampling }) => sampling.repetitionPenalty === 1)) return logits;
  const result = logits.clone();
  for (const [index, { sampling, seen }] of rows.entries()) {
    if (sampling.repetitionPenalty === 1 || seen.length === 0) continue;
    const ids = int64([...new Set(seen)], logits.device);
    const row = result.select(0, index);
    const values = row.indexSelect(0, ids);
    const factor = sampling.repetitionPenalty;
    row.indexCopy_(0, ids, where(values.gt(0), values.div(factor), values.mul(factor)));
  }
  return result;
}
