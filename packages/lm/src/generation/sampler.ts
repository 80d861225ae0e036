/** Drawing one token for each of several rows of logits, each row by its own rules. */
import { arange, fromTypedArray, searchsorted, type Tensor, tensor, tidy, where } from "@zerosearch/torch";
import type { ResolvedSampling, SampledToken } from "./request.ts";

/** Tokens in a block when drawing. Vocabularies are mostly multiples of it. */
const SMALLEST_BLOCK = 64;

/** One row's rules. */
export interface SamplingRow {
  readonly sampling: ResolvedSampling;
  /** What decides, in [0, 1). */
  readonly uniform: number;
  /** Tokens that occurred, for the repetition penalty. */
  readonly seen: readonly number[];
}

/**
 * Draws by inverting the cumulative distribution. A row's token and log-probabilities depend on that row alone.
 *
 * @param logits  (n, V), any floating dtype
 * @returns one token per row
 */
export function sampleTokens(logits: Tensor, rows: readonly SamplingRow[]): SampledToken[] {
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

    const ids = pick(penalised, candidates, rows).unsqueeze(1); // (n, 1)
    const whole = full.gather(-1, ids).toNumbers();
    const own = candidates === full ? whole : candidates.gather(-1, ids).toNumbers();
    return ids.toNumbers().map((id, row) => ({
      id,
      logProb: rows[row]?.sampling.temperature === 0 ? 0 : (own[row] ?? Number.NaN),
      fullLogProb: whole[row] ?? Number.NaN,
    }));
  });
}

/** The likeliest token for rows at temperature 0, a drawn one for the others: (n). */
function pick(logits: Tensor, candidates: Tensor, rows: readonly SamplingRow[]): Tensor {
  const isGreedy = rows.map(({ sampling }) => sampling.temperature === 0);
  if (!isGreedy.includes(true)) return draw(candidates, rows);
  if (!isGreedy.includes(false)) return logits.argmax(-1);
  return where(tensor(isGreedy, { device: logits.device }), logits.argmax(-1), draw(candidates, rows));
}

/**
 * The token at which the cumulative probability exceeds the row's number: first the block of tokens that it falls into,
 * then the token there, so that one sum over the vocabulary is enough. In float64, so that small ones count.
 */
function draw(logProbs: Tensor, rows: readonly SamplingRow[]): Tensor {
  const size = blockSize(logProbs.size(-1));
  const blocks = logProbs.softmax(-1).view([rows.length, -1, size]); // (n, V/b, b)
  const sums = blocks.sum(-1).to("float64"); // (n, V/b)
  const upTo = sums.cumsum(-1);
  const uniforms = fromTypedArray(
    Float64Array.from(rows, (row) => row.uniform),
    [rows.length, 1],
    { device: logProbs.device },
  );
  const drawn = uniforms.mul(last(upTo));
  const block = reach(upTo, drawn); // (n, 1)
  const sum = sums.gather(-1, block);
  const share = drawn.sub(upTo.gather(-1, block).sub(sum)).clampMin(0).div(sum); // of the block
  const inside = blocks
    .gather(1, block.unsqueeze(-1).expand([-1, 1, size]))
    .squeeze(1)
    .cumsum(-1, { dtype: "float64" });
  return block
    .mul(size)
    .add(reach(inside, share.mul(last(inside))))
    .squeeze(1); // (n)
}

/** Where increasing numbers first exceed a target, or else first reach their end: (n, S), (n, 1) → (n, 1). */
function reach(increasing: Tensor, target: Tensor): Tensor {
  return searchsorted(increasing, target, { right: true }).minimum(increasing.argmax(-1, true));
}

function last(x: Tensor): Tensor {
  return x.narrow(-1, x.size(-1) - 1, 1);
}

/** The smallest divisor of a vocabulary's size from {@link SMALLEST_BLOCK} on. */
function blockSize(vocabularySize: number): number {
  let size = Math.min(SMALLEST_BLOCK, vocabularySize);
  while (vocabularySize % size !== 0) size++;
  return size;
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
    const ids = fromTypedArray(BigInt64Array.from([...new Set(seen)], BigInt), [new Set(seen).size], {
      device: logits.device,
    });
    const row = result.select(0, index);
    const values = row.indexSelect(0, ids);
    const factor = sampling.repetitionPenalty;
    row.indexCopy_(0, ids, where(values.gt(0), values.div(factor), values.mul(factor)));
  }
  return result;
}
