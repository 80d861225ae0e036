/** What holds for the addon's own products whatever instruction set they are compiled for; each set's file calls it. */
import { describe, expect, test } from "vitest";
import { Generator, grad, randn, record, setThreads, type Tensor, TorchError, tensor, tidy, zeros } from "../index.ts";
import { leaveNoTrace } from "./leave-no-trace.ts";

/** Rows, inputs, outputs that fill no tile, panel, part, block or chunk, or just fill one. */
const SIZES = [
  [1, 1, 1],
  [1, 5, 70],
  [3, 7, 16],
  [6, 64, 64],
  [7, 385, 33],
  [13, 384, 17],
  [64, 20, 130],
  [65, 20, 130],
  [193, 50, 129],
  [200, 16, 200],
  [70, 400, 600],
  [20, 30, 1100],
  [3, 128, 40],
  [600, 5, 528],
] as const;

/** The same numbers as they may lie in memory. */
const LAYOUTS: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  "row after row": (x) => x,
  "column after column": (x) => x.transpose(-2, -1).contiguous().transpose(-2, -1),
  "within larger rows": (x) => {
    const wide = zeros([...x.shape.slice(0, -1), x.size(-1) + 3]);
    const part = wide.narrow(-1, 2, x.size(-1));
    part.copy_(x);
    return part;
  },
  "spread out": (x) => {
    const wide = zeros([...x.shape, 2]);
    const part = wide.select(-1, 1);
    part.copy_(x);
    return part;
  },
};

function largestError(result: Tensor, left: Tensor, right: Tensor): number {
  return tidy(() =>
    result
      .to("float64")
      .sub(left.to("float64").matmul(right.to("float64")))
      .abs()
      .amax()
      .item(),
  );
}

export function describeProducts(): void {
  leaveNoTrace();

  describe("values", () => {
    test.each([1, 2, 3, 4])(
      "are those of float64, however the factors lie, to the same bits, on %i threads",
      (count) => {
        setThreads(count);
        using generator = new Generator(0);
        for (const [rows, inputs, outputs] of SIZES) {
          tidy(() => {
            const [left, right] = [randn([rows, inputs], { generator }), randn([inputs, outputs], { generator })];
            const expected = left.mm(right);
            expect(largestError(expected, left, right)).toBeLessThan(1e-6 * inputs + 1e-5);
            for (const layLeft of Object.values(LAYOUTS)) {
              for (const layRight of Object.values(LAYOUTS)) {
                tidy(() => {
                  expect(layLeft(left).mm(layRight(right)).equal(expected)).toBe(true);
                });
              }
            }
          });
        }
      },
    );

    test("of batches are those of each matrix alone, also of matrices that are repeated or transposed", () => {
      using generator = new Generator(1);
      tidy(() => {
        for (const [count, rows, inputs, outputs] of [
          [1, 9, 8, 7],
          [5, 30, 16, 48],
          [3, 70, 33, 65],
        ] as const) {
          const left = randn([count, rows, inputs], { generator });
          const right = randn([count, inputs, outputs], { generator });
          const repeated = randn([1, inputs, outputs], { generator }).expand([count, -1, -1]);
          const transposed = randn([count, outputs, inputs], { generator }).transpose(1, 2);
          for (const factor of [right, repeated, transposed]) {
            const all = left.bmm(factor);
            for (let i = 0; i < count; i++) {
              expect(all.select(0, i).equal(left.select(0, i).mm(factor.select(0, i)))).toBe(true);
            }
          }
        }
      });
    });

    test("added to what is given: beta and alpha weigh, a row or number is repeated, beta 0 does not look", () => {
      tidy(() => {
        const [left, right] = [tensor([[1, 2]]), tensor([[3], [4]])]; // 11
        const unlooked = tensor([[Number.NaN]]);
        expect(
          tensor([[100]])
            .addmm(left, right)
            .item(),
        ).toBe(111);
        expect(tensor([100]).addmm(left, right, { beta: 0.5, alpha: 2 }).item()).toBe(72);
        expect(unlooked.addmm(left, right, { beta: 0 }).item()).toBe(11);
        expect(
          tensor([[100]])
            .addmm(left, right, { beta: 2, alpha: 0 })
            .item(),
        ).toBe(200);
        const batch = tensor([[[100]]]).baddbmm(left.unsqueeze(0), right.unsqueeze(0));
        expect(batch.toArray()).toEqual([[[111]]]);
      });
    });

    test("added to what is given with a boolean weight count true as 1", () => {
      tidy(() => {
        const sum = tensor([1]).addmm(tensor([[3]]), tensor([[1]]), { beta: true, alpha: 2 });
        expect(sum.item()).toBe(7);
      });
    });

    test("that are no numbers stay so, and infinity times zero is none", () => {
      tidy(() => {
        expect(
          tensor([[Number.POSITIVE_INFINITY, 1]])
            .mm(tensor([[0], [1]]))
            .item(),
        ).toBeNaN();
        expect(
          tensor([[Number.POSITIVE_INFINITY, 1]])
            .mm(tensor([[2], [1]]))
            .item(),
        ).toBe(Number.POSITIVE_INFINITY);
        const spoilt = tensor([[Number.NaN], [1]]).mm(tensor([[1, 1]]));
        expect(spoilt.toArray()).toEqual([
          [Number.NaN, Number.NaN],
          [1, 1],
        ]);
      });
    });

    test("of nothing are zero, of no rows nothing", () => {
      tidy(() => {
        expect(
          zeros([2, 0])
            .mm(zeros([0, 1]))
            .toArray(),
        ).toEqual([[0], [0]]);
        expect(zeros([0, 3]).mm(zeros([3, 2])).shape).toEqual([0, 2]);
      });
    });

    test("of replayed programs, which write where the last run wrote, are those of the first run", () => {
      using generator = new Generator(2);
      tidy(() => {
        const [left, right] = [randn([9, 40], { generator }), randn([40, 70], { generator })];
        const bias = randn([70], { generator });
        const compute = (x: Tensor): Tensor => bias.addmm(x, right).mm(right.transpose(0, 1)).relu();
        const { program } = record((x: Tensor) => [compute(x)], [left]);
        for (const x of [left, left.mul(2), left]) {
          expect(program.runSync([x])[0]?.equal(compute(x))).toBe(true);
        }
        program.dispose();
      });
    });

    test("have gradients: those of a product are products", () => {
      using generator = new Generator(3);
      tidy(() => {
        const left = randn([5, 400], { generator }).requireGrad();
        const right = randn([400, 9], { generator }).requireGrad();
        const upstream = randn([5, 9], { generator });
        const [ofLeft, ofRight] = grad([left.mm(right).mul(upstream).sum()], [left, right]);
        const wide = [left, right].map((x) => x.detach().to("float64").requireGrad()) as [Tensor, Tensor];
        const wideLoss = wide[0].mm(wide[1]).mul(upstream.to("float64")).sum();
        for (const [i, expected] of grad([wideLoss], wide).entries()) {
          const own = [ofLeft, ofRight][i];
          if (!own || !expected) throw new Error("both factors have gradients");
          expect(own.to("float64").sub(expected).abs().amax().item()).toBeLessThan(1e-4);
        }
        expect(ofLeft?.equal(upstream.mm(right.detach().transpose(0, 1)))).toBe(true);
        expect(ofRight?.equal(left.detach().transpose(0, 1).mm(upstream))).toBe(true);
      });
    });
  });

  describe("sums", () => {
    const sumOf = (numbers: Readonly<Record<number, number>>): number =>
      tidy(() => {
        const row = Array.from({ length: 400 }, (_, i) => numbers[i] ?? 0);
        return tensor([row])
          .mm(zeros([400, 1]).add(1))
          .item();
      });

    test("are cut after 384 inputs: what a part loses to rounding does not come back", () => {
      const large = 2 ** 30; // 1 is lost beside it
      expect(sumOf({ 0: large, 383: -large, 385: 1 })).toBe(1);
      expect(sumOf({ 0: large, 384: -large, 385: 1 })).toBe(0);
    });

    test("begin with what the product is added to", () => {
      tidy(() => {
        const row = tensor([[...new Array<number>(384).fill(0), 1]]);
        row.narrow(1, 0, 1).fill_(-(2 ** 30));
        const sum = tensor([2 ** 30]).addmm(row, zeros([385, 1]).add(1));
        expect(sum.item()).toBe(1);
      });
    });

    test.each([1, 2, 3, 4])("of a row depend neither on the rows and columns beside it nor on %i threads", (count) => {
      using generator = new Generator(4);
      tidy(() => {
        const left = randn([300, 700], { generator });
        const right = randn([700, 610], { generator });
        setThreads(1);
        const all = left.mm(right);
        setThreads(count);
        expect(left.mm(right).equal(all)).toBe(true);
        for (const [row, rows] of [
          [0, 1],
          [299, 1],
          [5, 2],
          [17, 3],
          [100, 5],
          [3, 11],
          [1, 63],
          [100, 65],
          [7, 200],
        ] as const) {
          expect(
            left
              .narrow(0, row, rows)
              .mm(right)
              .equal(all.narrow(0, row, rows)),
          ).toBe(true);
          const columns = right.narrow(1, row, rows);
          expect(left.mm(columns).equal(all.narrow(1, row, rows))).toBe(true);
        }
      });
    });
  });

  describe("other tensors", () => {
    test("of float64, bfloat16 and integers are multiplied by libtorch", () => {
      tidy(() => {
        for (const dtype of ["float64", "bfloat16", "int64"] as const) {
          const [left, right] = [tensor([[1, 2]], { dtype }), tensor([[3], [4]], { dtype })];
          expect(left.mm(right).dtype).toBe(dtype);
          expect(left.mm(right).item()).toBe(11);
        }
      });
    });

    test("that do not fit are refused as libtorch refuses them", () => {
      tidy(() => {
        expect(() => zeros([2, 3]).mm(zeros([2, 3]))).toThrow(TorchError);
        expect(() => zeros([2, 3]).mm(zeros([3, 2], { dtype: "float64" }))).toThrow(TorchError);
        expect(() => zeros([2, 2, 3]).bmm(zeros([1, 3, 2]))).toThrow(TorchError);
        expect(() => zeros([3]).addmm(zeros([2, 3]), zeros([3, 2]))).toThrow(TorchError);
      });
    });
  });
}
