/** What holds for the addon's own attention whatever instruction set it is compiled for; each set's file calls it. */
import { describe, expect, test } from "vitest";
import {
  arange,
  cachedAttention,
  cat,
  causalAttention,
  Generator,
  grad,
  PANEL,
  randn,
  setThreads,
  type Tensor,
  TorchError,
  tensor,
  tidy,
  writeCache_,
  zeros,
} from "../index.ts";
import { leaveNoTrace } from "./leave-no-trace.ts";

interface Heads {
  readonly queryHeads: number;
  readonly keyHeads: number;
  readonly size: number;
}

const HEADS: readonly Heads[] = [
  { queryHeads: 2, keyHeads: 2, size: 32 },
  { queryHeads: 6, keyHeads: 2, size: 8 },
  { queryHeads: 1, keyHeads: 1, size: 70 },
  { queryHeads: 3, keyHeads: 1, size: 400 },
  { queryHeads: 2, keyHeads: 1, size: 40 },
];
const LENGTHS: readonly number[] = [1, 47, 2, 49, 130, 17];

type Triple = readonly [query: Tensor, key: Tensor, value: Tensor];

function draw(rows: number, { queryHeads, keyHeads, size }: Heads, generator: Generator): Triple {
  const query = randn([rows, queryHeads, size], { generator }).mul(size ** -0.5);
  return [query, randn([rows, keyHeads, size], { generator }), randn([rows, keyHeads, size], { generator })];
}

/** By tables of scores, in float64. */
function byTables([query, key, value]: Triple, lengths: readonly number[]): Tensor {
  const [rows = 0, heads = 0] = query.shape;
  const wide = (x: Tensor): Tensor =>
    x
      .to("float64")
      .repeatInterleave(heads / x.size(1), 1)
      .transpose(0, 1);
  const [q, k, v] = [wide(query), wide(key), wide(value)]; // (H, N, D)
  const sequenceOf = lengths.flatMap((length, i) => new Array<number>(length).fill(i));
  const sequence = tensor(sequenceOf);
  const places = arange(0, rows);
  const hidden = places
    .unsqueeze(0)
    .gt(places.unsqueeze(1))
    .logicalOr(sequence.unsqueeze(0).ne(sequence.unsqueeze(1)));
  const scores = q.matmul(k.transpose(1, 2)).maskedFill(hidden, Number.NEGATIVE_INFINITY);
  return scores.softmax(-1).matmul(v).transpose(0, 1);
}

const difference = (a: Tensor, b: Tensor): number => tidy(() => a.to("float64").sub(b).abs().amax().item());

export function describeAttention(): void {
  leaveNoTrace();

  describe("causal attention", () => {
    test.each(HEADS)("of sequences end to end is softmax over tables, forward and backward: %o", (heads) => {
      using generator = new Generator(0);
      tidy(() => {
        const rows = LENGTHS.reduce((sum, length) => sum + length, 0);
        const given = draw(rows, heads, generator).map((x) => x.requireGrad()) as unknown as Triple;
        const upstream = randn(given[0].shape, { generator });
        const own = causalAttention(...given, LENGTHS);
        const expected = byTables(given, LENGTHS);
        expect(difference(own, expected)).toBeLessThan(5e-6);
        const ownGradients = grad([own.mul(upstream).sum()], [...given]);
        const expectedGradients = grad([expected.mul(upstream).sum()], [...given]);
        for (const [i, gradient] of ownGradients.entries()) {
          const wanted = expectedGradients[i];
          if (!gradient || !wanted) throw new Error("all three have gradients");
          expect(difference(gradient, wanted)).toBeLessThan(1e-4);
        }
      });
    });

    test.each([1, 2, 3, 4])("of a sequence has the same bits whatever stands beside it, on %i threads", (count) => {
      using generator = new Generator(1);
      tidy(() => {
        for (const heads of HEADS) {
          const rows = LENGTHS.reduce((sum, length) => sum + length, 0);
          const given = draw(rows, heads, generator).map((x) => x.requireGrad()) as unknown as Triple;
          setThreads(count);
          const all = causalAttention(...given, LENGTHS);
          const upstream = randn(all.shape, { generator });
          const allGradients = grad([all.mul(upstream).sum()], [...given]);
          setThreads(1);
          let start = 0;
          for (const length of LENGTHS) {
            const own = given.map((x) => x.detach().narrow(0, start, length).clone().requireGrad());
            const alone = causalAttention(...(own as unknown as Triple), [length]);
            expect(alone.equal(all.narrow(0, start, length))).toBe(true);
            for (const [i, gradient] of grad([alone.mul(upstream.narrow(0, start, length)).sum()], own).entries()) {
              expect(gradient?.equal(allGradients[i]?.narrow(0, start, length) ?? alone)).toBe(true);
            }
            start += length;
          }
        }
      });
    });

    test("of rows after the last sequence is zero, and so are their gradients", () => {
      using generator = new Generator(2);
      tidy(() => {
        const given = draw(7, HEADS[0] as Heads, generator).map((x) => x.requireGrad()) as unknown as Triple;
        const mixed = causalAttention(...given, [3, 2]);
        expect(mixed.narrow(0, 5, 2).abs().amax().item()).toBe(0);
        for (const gradient of grad([mixed.sum()], [...given])) {
          expect(gradient?.narrow(0, 5, 2).abs().amax().item()).toBe(0);
        }
      });
    });

    test("sees scores however large, and passes on what is no number", () => {
      tidy(() => {
        const query = tensor([[[300]], [[300]], [[1]]]);
        const key = tensor([[[1]], [[-1]], [[Number.NaN]]]);
        const value = tensor([[[5]], [[7]], [[1]]]);
        const [first, second, third] = causalAttention(query, key, value, [3]).view([3]).toNumbers();
        expect([first, second]).toEqual([5, 5]);
        expect(third).toBeNaN();
      });
    });

    test("refuses a gradient of its gradient", () => {
      using generator = new Generator(4);
      tidy(() => {
        const [query, key, value] = draw(4, HEADS[0] as Heads, generator);
        query.requireGrad();
        const loss = causalAttention(query.mul(query), key, value, [4]).sum();
        expect(() => grad([loss], [query], null, { createGraph: true })).toThrow(/differentiable once/);
      });
    });

    test("refuses heads and lengths that do not fit", () => {
      tidy(() => {
        const x = zeros([4, 2, 8]);
        expect(() => causalAttention(zeros([4, 3, 8]), x, x, [4])).toThrow(TorchError);
        expect(() => causalAttention(x, x, x, [3, 2])).toThrow(/lengths/);
        expect(() => causalAttention(x, x, x, [-1])).toThrow(/lengths/);
        expect(() => causalAttention(x.to("float64"), x, x, [4])).toThrow(/float32/);
        expect(() => causalAttention(x, x, zeros([4, 2, 9]), [4])).toThrow(/do not fit/);
      });
    });
  });

  describe("attention to a cache", () => {
    test.each(HEADS)("has the bits of attention over whole sequences, in parts of any size: %o", (heads) => {
      using generator = new Generator(3);
      tidy(() => {
        const length = 150;
        const [query, key, value] = draw(length, heads, generator);
        const whole = causalAttention(query, key, value, [length]);
        const tables = {
          keys: zeros([3, heads.keyHeads, 4, heads.size, PANEL]),
          values: zeros([3, heads.keyHeads, 4 * PANEL, heads.size]),
        };
        const other = draw(4, heads, generator); // a neighbour in slot 0, at place 9
        let start = 0;
        for (const count of [1, 1, 60, 3, 1, 50, 33, 1]) {
          const rows = (x: Tensor, beside: Tensor): Tensor => cat([beside, x.narrow(0, start, count)], 0);
          const places = {
            slots: tensor([0, ...new Array<number>(count).fill(2)].map(BigInt)),
            positions: tensor([9, ...Array.from({ length: count }, (_, i) => start + i)].map(BigInt)),
          };
          const [q, k, v] = [query, key, value].map((x, i) => rows(x, (other[i] as Tensor).narrow(0, 0, 1))) as [
            Tensor,
            Tensor,
            Tensor,
          ];
          writeCache_(tables, k, v, places);
          const mixed = cachedAttention(q, tables, places);
          expect(mixed.narrow(0, 1, count).equal(whole.narrow(0, start, count))).toBe(true);
          start += count;
        }
        expect(start).toBe(length);
      });
    });

    test("writes the rows it is told to, where it is told to", () => {
      tidy(() => {
        const tables = { keys: zeros([2, 1, 2, 2, PANEL]), values: zeros([2, 1, 2 * PANEL, 2]) };
        const [key, value] = [tensor([[[1, 2]], [[3, 4]]]), tensor([[[5, 6]], [[7, 8]]])];
        writeCache_(tables, key, value, { slots: tensor([1n]), positions: tensor([65n]) });
        expect(tables.keys.sum().item()).toBe(3);
        expect([0, 1].map((d) => tables.keys.select(0, 1).select(1, 1).select(1, d).select(1, 1).item())).toEqual([
          1, 2,
        ]);
        expect(tables.values.select(0, 1).select(1, 65).toArray()).toEqual([[5, 6]]);
        expect(tables.values.sum().item()).toBe(11);
      });
    });

    test("refuses places outside the tables, and a gradient", () => {
      tidy(() => {
        const tables = { keys: zeros([2, 1, 1, 8, PANEL]), values: zeros([2, 1, PANEL, 8]) };
        const x = zeros([1, 1, 8]);
        for (const [slot, position] of [
          [2n, 0n],
          [-1n, 0n],
          [0n, 64n],
          [0n, -1n],
        ] as const) {
          const places = { slots: tensor([slot]), positions: tensor([position]) };
          expect(() => cachedAttention(x, tables, places)).toThrow(/outside/);
          expect(() => writeCache_(tables, x, x, places)).toThrow(/outside/);
        }
        const places = { slots: tensor([0n]), positions: tensor([0n]) };
        expect(() => cachedAttention(zeros([1, 1, 8]).requireGrad(), tables, places)).toThrow(/no gradient/);
        const headless = { keys: zeros([1, 0, 1, 8, PANEL]), values: zeros([1, 0, PANEL, 8]) };
        expect(() => cachedAttention(x, headless, places)).toThrow(TorchError);
      });
    });
  });
}
