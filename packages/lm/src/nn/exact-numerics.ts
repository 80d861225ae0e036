/**
 * Finding the grid of `exact` numerics by trying: which multiples of rows keep the bits depends on the BLAS, its threads
 * and the processor. What was seen on which library stands in docs/log.md; here it is measured on the one that is
 * linked, for matrices of the model's very shapes, with random numbers: those of a fresh model may be zeros.
 */
import {
  arange,
  type Dtype,
  Generator,
  linear,
  noGrad,
  PackedWeight,
  randn,
  type Tensor,
  tidy,
} from "@zerosearch/torch";
import { attend, attendInOrder, attentionMask, type Seen } from "./attend.ts";
import { drawFactors, drawPairs, drawWide, withPartners } from "./cancelling-sums.ts";
import type { Numerics } from "./numerics.ts";
import {
  type AttentionSummation,
  findSummation,
  inChunks,
  type SummationProbe,
  type SummationRule,
} from "./summation.ts";
import { ELEMENTS_PER_TURN } from "./whole-rows.ts";

const CANDIDATES: readonly number[] = [2, 4, 8, 16, 32, 64, 128];
/** Vectors of every kernel in use divide it, so leftovers of element-wise loops don't arise within a row. */
const KEY_MULTIPLE = 16;
/** Below the length at which BLAS libraries begin to split a sum (OpenBLAS: 192 and more). */
const KEY_CHUNK = 128;
/** Enough for BLAS libraries to divide the rows among threads. */
const PROBE_ROWS = 1024;
/** Enough for their kernels of many rows, whose sums trainers see. */
const SUMMATION_ROWS = 256;
const PROBE_QUERIES = 160;
const PROBE_HEADS = 2;
const PROBE_KEYS = 3 * KEY_CHUNK;
/** Rows that a batch may have, as multiples of the candidate. */
const PROBE_COUNTS: readonly number[] = [1, 2, 3, 4, 5, 7, 13, 25, 37, 75, 150, 300, 500];

/** What the grid is for. */
export interface ExactNumericsOptions {
  /** One weight matrix (outputs, inputs) of each shape that the model multiplies with. */
  readonly weights: readonly Tensor[];
  readonly headSize: number;
  /** Numbers of a row in the tensors of a pass that are computed element by element. */
  readonly rowSizes: readonly number[];
}

/**
 * The cheapest grid on which rows keep their bits.
 *
 * @throws {RangeError} there is none with this library: use fast numerics
 */
export function findExactNumerics({ weights, headSize, rowSizes }: ExactNumericsOptions): Numerics {
  return noGrad(() => {
    using generator = new Generator(0);
    // Small ones need the largest multiples, and rule out the rest at no cost.
    const smallestFirst = [...weights].sort((a, b) => a.numel - b.numel);
    const elementMultiple = [1, ...CANDIDATES].find((rows) =>
      rowSizes.every((size) => (rows * size) % ELEMENTS_PER_TURN === 0),
    );
    const rowMultiple = CANDIDATES.find(
      (rows) =>
        rows % (elementMultiple ?? 1) === 0 && smallestFirst.every((weight) => keepsRows(weight, rows, generator)),
    );
    const queryMultiple = CANDIDATES.find((rows) =>
      keepsQueries({ headSize, dtype: weights[0]?.dtype ?? "float32" }, rows, generator),
    );
    if (elementMultiple === undefined || rowMultiple === undefined || queryMultiple === undefined) {
      throw new RangeError(
        "exact numerics: with this BLAS a row's bits depend on its neighbours whatever their number. Use fast numerics, " +
          "or one BLAS thread, or, with OpenBLAS, older kernels (OPENBLAS_CORETYPE=Sandybridge).",
      );
    }
    const summation = summationOf(weights, generator);
    const numerics = {
      mode: "exact",
      rowMultiple,
      elementMultiple,
      summation,
      attentionSummation: undefined,
      queryMultiple,
      keyMultiple: KEY_MULTIPLE,
      keyChunk: KEY_CHUNK,
    } as const;
    return { ...numerics, attentionSummation: attentionSummationOf(numerics, headSize, generator) };
  });
}

function keepsRows({ shape, dtype, device }: Tensor, multiple: number, generator: Generator): boolean {
  return tidy(() => {
    const [outputs = 0, inputSize = 0] = shape;
    const factors = drawFactors([PROBE_ROWS, inputSize], [outputs, inputSize], dtype, generator);
    const [inputs, weight] = [factors[0].to({ device }), factors[1].to({ device })];
    const all = linear(inputs, weight);
    return PROBE_COUNTS.map((count) => count * multiple)
      .filter((rows) => rows < PROBE_ROWS)
      .every((rows) => linear(inputs.narrow(0, 0, rows), weight).equal(all.narrow(0, 0, rows)));
  });
}

/** How the BLAS sums products with the model's weights, where packed ones are to be had. */
function summationOf(weights: readonly Tensor[], generator: Generator): SummationRule | undefined {
  if (!weights.every(({ dtype, device }) => dtype === "float32" && device === "cpu")) return undefined;
  return findSummation(probesOf(weights, generator));
}

/** One weight at a time is in memory. */
function* probesOf(weights: readonly Tensor[], generator: Generator): Iterable<SummationProbe> {
  for (const { shape } of weights) {
    const [outputs = 0, inputSize = 0] = shape;
    using weight = randn([outputs, inputSize], { generator });
    using packed = new PackedWeight(weight);
    using inputs = randn([SUMMATION_ROWS, inputSize], { generator });
    using bias = randn([outputs], { generator });
    using plain = linear(inputs, weight);
    using withBias = linear(inputs, weight, bias);
    yield { packed, inputs, bias: null, expected: plain };
    yield { packed, inputs, bias, expected: withBias };
  }
}

/** How the BLAS sums the products of attention, if as it sums those with weights. */
function attentionSummationOf(
  numerics: Numerics,
  headSize: number,
  generator: Generator,
): AttentionSummation | undefined {
  const { summation } = numerics;
  if (!summation) return undefined;
  const found = { scores: summation, values: inChunks(summation, KEY_CHUNK) };
  const isFound = [1, KEY_CHUNK / KEY_MULTIPLE + 1, (3 * KEY_CHUNK) / KEY_MULTIPLE].every((count) =>
    tidy(() => {
      const keys = count * KEY_MULTIPLE;
      const draw = (rows: number): Tensor => randn([2, rows, headSize], { generator });
      const [query, key, value] = [draw(PROBE_QUERIES), draw(keys), draw(keys)] as const;
      const seen: Seen = { key, value, mask: maskAfter(keys - 1, keys) };
      return attendInOrder(query, seen, found).equal(attend(query, seen, numerics));
    }),
  );
  return isFound ? found : undefined;
}

interface AttentionProbe {
  /** (heads, {@link PROBE_QUERIES}, headSize) */
  readonly query: Tensor;
  /** (heads, {@link PROBE_KEYS}, headSize), as the values. */
  readonly key: Tensor;
  readonly value: Tensor;
}

/** Queries' results, by how many stand beside them, in one head and in several, and by how many keys follow those they see. */
function keepsQueries(
  { headSize, dtype }: { readonly headSize: number; readonly dtype: Dtype },
  multiple: number,
  generator: Generator,
): boolean {
  const counts = [...new Set(PROBE_COUNTS.map((count) => Math.min(count * multiple, PROBE_QUERIES)))];
  const most = { heads: PROBE_HEADS, rows: PROBE_QUERIES, keys: PROBE_KEYS };
  return tidy(() =>
    drawAttention(headSize, dtype, generator).every((probe) =>
      [KEY_MULTIPLE, KEY_CHUNK + KEY_MULTIPLE].every((seen) => {
        const expected = attendToFirst(probe, { ...most, seen }, multiple);
        const lengths = [1, 2, 5, 9, 16].map((count) => count * KEY_MULTIPLE).filter((keys) => keys >= seen);
        return counts.every((rows, i) => {
          // The fewest rows in one head: libtorch picks kernels by the size of the whole product.
          const heads = 1 + (i % PROBE_HEADS);
          const own = expected.narrow(0, 0, heads).narrow(1, 0, rows);
          return lengths.every((keys) => attendToFirst(probe, { heads, rows, keys, seen }, multiple).equal(own));
        });
      }),
    ),
  );
}

/** Attention of the first rows of the first heads to the first keys, of which those after the first `seen` are hidden. */
function attendToFirst(
  { query, key, value }: AttentionProbe,
  { heads, rows, keys, seen }: Readonly<Record<"heads" | "rows" | "keys" | "seen", number>>,
  queryMultiple: number,
): Tensor {
  const first = (x: Tensor, count: number): Tensor => x.narrow(0, 0, heads).narrow(1, 0, count);
  const part: Seen = { key: first(key, keys), value: first(value, keys), mask: maskAfter(seen, keys) };
  return attend(first(query, rows), part, {
    mode: "exact",
    rowMultiple: 1,
    elementMultiple: 1,
    summation: undefined,
    attentionSummation: undefined,
    queryMultiple,
    keyMultiple: 1,
    keyChunk: KEY_CHUNK,
  });
}

/** What shows the order of summation of scores and, for 16 bits a second one, of weighted values. */
function drawAttention(headSize: number, dtype: Dtype, generator: Generator): readonly AttentionProbe[] {
  const queries = [PROBE_HEADS, PROBE_QUERIES, headSize];
  const keys = [PROBE_HEADS, PROBE_KEYS, headSize];
  const draw = (shape: readonly number[]): Tensor => randn(shape, { generator });
  const [query, key] = drawFactors(queries, keys, dtype, generator);
  const scores = { query, key, value: draw(keys).to(dtype) };
  if (dtype === "float32") return [scores];
  // Partners are keys among as many as are seen at a time: alike, and so of the same weight, with opposite values.
  const pairs = drawPairs(KEY_MULTIPLE, generator);
  const halves = [PROBE_HEADS, PROBE_KEYS / KEY_MULTIPLE, headSize, pairs.count];
  const asKeys = (numbers: Tensor, sign: 1 | -1): Tensor =>
    withPartners(numbers, pairs, sign).transpose(2, 3).reshape(keys).to(dtype);
  const values = {
    query: draw(queries).to(dtype),
    key: asKeys(draw(halves).mul(headSize ** -0.5), 1),
    value: asKeys(drawWide(halves, generator), -1),
  };
  return [scores, values];
}

/** Hides all keys but the first ones. */
function maskAfter(seen: number, keys: number): Tensor {
  return attentionMask(arange(0, keys).ge(seen).view([1, 1, 1, keys]));
}
