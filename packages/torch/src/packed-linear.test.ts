import { describe, expect, test } from "vitest";
import {
  ArgumentError,
  Generator,
  linear,
  noGrad,
  PackedWeight,
  randn,
  record,
  setThreads,
  type Tensor,
  TorchError,
  tensor,
  tidy,
} from "./index.ts";
import { leaveNoTrace } from "./testing/leave-no-trace.ts";

leaveNoTrace();

describe("values", () => {
  test.each([1, 2])(
    "outputs and rows that fill no panel or tile get what linear gives, to the bit, on %i threads",
    (count) => {
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
            const result = packed.linear(input, bias);
            expect(result.shape).toEqual([rows, outputs]);
            expect(result.equal(linear(input, weight, bias))).toBe(true);
          });
        }
      }
    },
  );

  test("dimensions before the last stay", () => {
    tidy(() => {
      using packed = new PackedWeight(tensor([[1, 2]]));
      const input = tensor([
        [
          [1, 10],
          [2, 20],
        ],
      ]);
      expect(packed.linear(input).toArray()).toEqual([[[21], [42]]]);
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
      expect(packed[i]?.linear(input).equal(alone.linear(input))).toBe(true);
      packed[i]?.dispose();
    }
  });
});

test("a recorded program multiplies with the weight as it was last updated", () => {
  tidy(() => {
    const weight = tensor([[1, 2]]);
    using packed = new PackedWeight(weight);
    const row = tensor([[1, 1]]);
    const { program } = record((x: Tensor) => [packed.linear(x)], [row]);
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

  test("rows of another length", () => {
    tidy(() => {
      using packed = new PackedWeight(tensor([[1, 1]]));
      expect(() => packed.linear(tensor([[1, 2, 3]]))).toThrow(TorchError);
    });
  });

  test("a product whose gradient would be lost", () => {
    tidy(() => {
      using packed = new PackedWeight(tensor([[1, 1]]));
      const input = tensor([[1, 2]]).requireGrad();
      expect(() => packed.linear(input)).toThrow(/no gradient/);
      expect(noGrad(() => packed.linear(input)).item()).toBe(3);
    });
  });

  test("an update with a weight of another shape", () => {
    tidy(() => {
      using packed = new PackedWeight(tensor([[1, 1]]));
      expect(() => packed.update(tensor([[1, 1, 1]]))).toThrow(ArgumentError);
    });
  });
});
