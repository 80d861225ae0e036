import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  ArgumentError,
  Generator,
  getThreads,
  linear,
  liveTensorCount,
  noGrad,
  PackedWeight,
  randn,
  record,
  type Summation,
  setThreads,
  type Tensor,
  TorchError,
  tensor,
  tidy,
} from "./index.ts";

const threads = getThreads();
let before = 0;
beforeEach(() => {
  before = liveTensorCount();
});
afterEach(() => {
  setThreads(threads);
  expect(liveTensorCount()).toBe(before);
});

const inOneGo = (inputs: number): Summation => ({ parts: [inputs], isFused: true });

/** The product of one row and a weight of one output. */
function product(row: readonly number[], weight: readonly number[], summation: Summation): number {
  return tidy(() => {
    using packed = new PackedWeight(tensor([[...weight]]));
    return packed.linear(tensor([[...row]]), summation).item();
  });
}

describe("values", () => {
  test.each([1, 2])("outputs and rows that fill no panel or tile get what linear gives, on %i threads", (count) => {
    setThreads(count);
    using generator = new Generator(0);
    for (const [outputs, inputs] of [
      [1, 1],
      [63, 5],
      [64, 32],
      [130, 70],
      [2000, 300],
    ] as const) {
      for (const rows of [0, 1, 2, 3, 4, 5, 6, 7, 13]) {
        tidy(() => {
          const weight = randn([outputs, inputs], { generator });
          const bias = randn([outputs], { generator });
          const input = randn([rows, inputs], { generator });
          using packed = new PackedWeight(weight);
          const result = packed.linear(input, { parts: inputs > 3 ? [3, inputs - 3] : [inputs], isFused: true }, bias);
          expect(result.shape).toEqual([rows, outputs]);
          expect(
            result
              .sub(linear(input, weight, bias))
              .abs()
              .lt(1e-4)
              .all()
              .item(),
          ).toBe(1);
        });
      }
    }
  });

  test("dimensions before the last stay", () => {
    tidy(() => {
      using packed = new PackedWeight(tensor([[1, 2]]));
      const input = tensor([
        [
          [1, 10],
          [2, 20],
        ],
      ]);
      expect(packed.linear(input, inOneGo(2)).toArray()).toEqual([[[21], [42]]]);
    });
  });
});

describe("sums", () => {
  test("are of their parts: what a part loses to rounding does not come back", () => {
    const row = [2 ** 30, -(2 ** 30), 1];
    const ones = [1, 1, 1];
    expect(product(row, ones, { parts: [3], isFused: true })).toBe(1);
    expect(product(row, ones, { parts: [2, 1], isFused: true })).toBe(1);
    expect(product(row, ones, { parts: [1, 2], isFused: true })).toBe(0); // 1 is lost beside -2³⁰
  });

  test("begin with the bias", () => {
    tidy(() => {
      using packed = new PackedWeight(tensor([[1, 1]]));
      const row = tensor([[-(2 ** 30), 1]]);
      const bias = tensor([2 ** 30]);
      expect(packed.linear(row, { parts: [1, 1], isFused: true }, bias).item()).toBe(1);
      expect(packed.linear(row, { parts: [2], isFused: true }, bias).item()).toBe(0);
    });
  });

  test("round a product and its addition once where they are fused, else twice", () => {
    const x = 1 + 2 ** -12; // x² = 1 + 2⁻¹¹ + 2⁻²⁴, whose last term float32 can't hold
    const row = [-(1 + 2 ** -11), x];
    expect(product(row, [1, x], { parts: [2], isFused: true })).toBe(2 ** -24);
    expect(product(row, [1, x], { parts: [2], isFused: false })).toBe(0);
  });

  test("of a row do not depend on the rows beside it", () => {
    using generator = new Generator(1);
    tidy(() => {
      using packed = new PackedWeight(randn([100, 77], { generator }));
      const input = randn([13, 77], { generator });
      for (const isFused of [true, false]) {
        const summation = { parts: [50, 27], isFused };
        const all = packed.linear(input, summation);
        for (let row = 0; row < 13; row++) {
          for (let rows = 1; row + rows <= 13; rows++) {
            expect(packed.linear(input.narrow(0, row, rows), summation).equal(all.narrow(0, row, rows))).toBe(true);
          }
        }
      }
    });
  });
});

test("weights packed in order multiply as those packed alone, also when others are gone", () => {
  using generator = new Generator(2);
  tidy(() => {
    const weights = [
      [70, 5],
      [64, 9],
      [3, 200],
    ].map((shape) => randn(shape, { generator }));
    const inputs = weights.map((weight) => randn([7, weight.size(1)], { generator }));
    const packed = PackedWeight.inOrder(weights);
    packed[1]?.dispose();
    for (const i of [0, 2]) {
      const [weight, input] = [weights[i], inputs[i]];
      if (!weight || !input) throw new Error("three weights were made");
      using alone = new PackedWeight(weight);
      const summation = inOneGo(weight.size(1));
      expect(packed[i]?.linear(input, summation).equal(alone.linear(input, summation))).toBe(true);
      packed[i]?.dispose();
    }
  });
});

test("a recorded program multiplies with the weight as it was last updated", () => {
  tidy(() => {
    const weight = tensor([[1, 2]]);
    using packed = new PackedWeight(weight);
    const row = tensor([[1, 1]]);
    const { program } = record((x: Tensor) => [packed.linear(x, inOneGo(2))], [row]);
    weight.mul_(10);
    expect(program.runSync([row])[0]?.item()).toBe(3);
    packed.update(weight);
    expect(program.runSync([row])[0]?.item()).toBe(30);
    program.dispose();
  });
});

describe("refused", () => {
  test("a weight that is no float32 matrix", () => {
    tidy(() => {
      expect(() => new PackedWeight(tensor([1, 2]))).toThrow(ArgumentError);
      expect(() => new PackedWeight(tensor([[1]], { dtype: "float64" }))).toThrow(/float32 matrix on the CPU/);
    });
  });

  test.each([
    ["rows of another length", [[1, 2, 3]], [3]],
    ["parts that are not all inputs", [[1, 2]], [1]],
    ["parts of nothing", [[1, 2]], [0, 2]],
    ["parts whose sum wraps around", [[1, 2]], [2 ** 52 + 2, ...new Array<number>(4095).fill(2 ** 52)]],
  ])("%s", (_, rows, parts) => {
    tidy(() => {
      using packed = new PackedWeight(tensor([[1, 1]]));
      expect(() => packed.linear(tensor(rows), { parts, isFused: true })).toThrow(TorchError);
    });
  });

  test("a product whose gradient would be lost", () => {
    tidy(() => {
      using packed = new PackedWeight(tensor([[1, 1]]));
      const input = tensor([[1, 2]]).requireGrad();
      expect(() => packed.linear(input, inOneGo(2))).toThrow(/no gradient/);
      expect(noGrad(() => packed.linear(input, inOneGo(2))).item()).toBe(3);
    });
  });

  test("an update with a weight of another shape", () => {
    tidy(() => {
      using packed = new PackedWeight(tensor([[1, 1]]));
      expect(() => packed.update(tensor([[1, 1, 1]]))).toThrow(ArgumentError);
    });
  });
});
