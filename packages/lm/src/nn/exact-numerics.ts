/**
 * The grid of `exact` numerics. The addon's own products need none; what is left is the leftovers of element-wise loops. For
 * other products (16 bits, float64, CUDA) and for attention that is not the addon's (float64, CUDA) it is found by trying: which multiples of rows keep the bits depends on the library, its
 * threads and the processor. What was seen where stands in docs/log.md; here it is measured on the one that is linked, for
 * matrices of the model's very shapes, with random numbers: those of a fresh model may be zeros.
 */
import {
  arange,
  type Device,
  type Dtype,
  Generator,
  hasOwnAttention,
  hasOwnProducts,
  linear,
  noGrad,
  randn,
  type Tensor,
  tidy,
} from "@zerosearch/torch";
import { attend, attentionMask, type Seen } from "./attend.ts";
import { drawFactors, drawPairs, drawWide, withPartners } from "./cancelling-sums.ts";
import type { Numerics } from "./numerics.ts";
import { ELEMENTS_PER_TURN } from "./whole-rows.ts";

const CANDIDATES: readonly number[] = [1, 2, 4, 8, 16, 32, 64, 128];
/** Vectors of every kernel in use divide it, so leftovers of element-wise loops don't arise within a row. */
const KEY_MULTIPLE = 16;
/** Below the length at which libraries begin to split a sum (OpenBLAS: 192 and more). */
const KEY_CHUNK = 128;
/** Enough for libraries to divide the rows among threads. */
const PROBE_ROWS = 1024;
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
  const candidates = CANDIDATES.filter((rows) => rowSizes.every((size) => (rows * size) % ELEMENTS_PER_TURN === 0));
  return noGrad(() => {
    using generator = new Generator(0);
    // Small ones need the largest multiples, and rule out the rest at no cost.
    const smallestFirst = weights.filter((weight) => !hasOwnProducts(weight)).sort((a, b) => a.numel - b.numel);
    const rowMultiple = candidates.find((rows) => smallestFirst.every((weight) => keepsRows(weight, rows, generator)));
    const [{ dtype, device } = { dtype: "float32", device: "cpu" } as const] = weights;
    const isOwn = hasOwnAttention({ dtype, device });
    const queryMultiple = isOwn
      ? 1
      : CANDIDATES.find((rows) => keepsQueries({ headSize, dtype, device }, rows, generator));
    if (rowMultiple === undefined || queryMultiple === undefined) {
      throw new RangeError(
        `exact numerics: with this library a row's bits depend on its neighbours whatever their number, in ${dtype}. ` +
          "Use float32 on the CPU, or fast numerics.",
      );
    }
    return { mode: "exact", rowMultiple, queryMultiple, keyMultiple: KEY_MULTIPLE, keyChunk: KEY_CHUNK };
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

interface AttentionProbe {
  /** (heads, {@link PROBE_QUERIES}, headSize) */
  readonly query: Tensor;
  /** (heads, {@link PROBE_KEYS}, headSize), as the values. */
  readonly key: Tensor;
  readonly value: Tensor;
}

/** Queries' results, by how many stand beside them, in one head and in several, and by how many keys follow those they see. */
function keepsQueries(
  { headSize, dtype, device }: { readonly headSize: number; readonly dtype: Dtype; readonly device: Device },
  multiple: number,
  generator: Generator,
): boolean {
  const counts = [...new Set(PROBE_COUNTS.map((count) => Math.min(count * multiple, PROBE_QUERIES)))];
  const most = { heads: PROBE_HEADS, rows: PROBE_QUERIES, keys: PROBE_KEYS };
  return tidy(() =>
    drawAttention(headSize, dtype, generator).every(({ query, key, value }) => {
      const probe = { query: query.to({ device }), key: key.to({ device }), value: value.to({ device }) };
      return [KEY_MULTIPLE, KEY_CHUNK + KEY_MULTIPLE].every((seen) => {
        const expected = attendToFirst(probe, { ...most, seen }, multiple);
        const lengths = [1, 2, 5, 9, 16].map((count) => count * KEY_MULTIPLE).filter((keys) => keys >= seen);
        return counts.every((rows, i) => {
          // The fewest rows in one head: libtorch picks kernels by the size of the whole product.
          const heads = 1 + (i % PROBE_HEADS);
          const own = expected.narrow(0, 0, heads).narrow(1, 0, rows);
          return lengths.every((keys) => attendToFirst(probe, { heads, rows, keys, seen }, multiple).equal(own));
        });
      });
    }),
  );
}

/** Attention of the first rows of the first heads to the first keys, of which those after the first `seen` are hidden. */
function attendToFirst(
  { query, key, value }: AttentionProbe,
  { heads, rows, keys, seen }: Readonly<Record<"heads" | "rows" | "keys" | "seen", number>>,
  queryMultiple: number,
): Tensor {
  const first = (x: Tensor, count: number): Tensor => x.narrow(0, 0, heads).narrow(1, 0, count);
  const part: Seen = { key: first(key, keys), value: first(value, keys), mask: maskAfter(seen, keys, query.device) };
  return attend(first(query, rows), part, {
    mode: "exact",
    rowMultiple: 1,
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
function maskAfter(seen: number, keys: number, device: Device): Tensor {
  return attentionMask(arange(0, keys, 1, { device }).ge(seen).view([1, 1, 1, keys]));
}
