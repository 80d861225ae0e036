import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Generator,
  getThreads,
  liveTensorCount,
  noGrad,
  orderedBmm,
  randn,
  type Summation,
  setThreads,
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

test.each([1, 2])("matrices of any size give what bmm gives, on %i threads", (count) => {
  setThreads(count);
  using generator = new Generator(0);
  for (const [rows, inputs, outputs] of [
    [1, 1, 1],
    [4, 64, 64],
    [9, 5, 33],
    [17, 130, 96],
    [0, 8, 32],
  ] as const) {
    tidy(() => {
      const left = randn([6, rows, inputs], { generator });
      const right = randn([6, inputs, outputs], { generator });
      const result = orderedBmm(left, right, inOneGo(inputs));
      expect(result.shape).toEqual([6, rows, outputs]);
      expect(result.sub(left.bmm(right)).abs().lt(1e-4).all().item()).toBe(1);
    });
  }
});

test("right matrices are read wherever they lie: in a larger table, or transposed", () => {
  using generator = new Generator(1);
  tidy(() => {
    const left = randn([4, 3, 32], { generator });
    const table = randn([6, 40, 128], { generator });
    const part = table.narrow(0, 1, 4).narrow(1, 0, 32).narrow(2, 0, 64);
    const expected = orderedBmm(left, part.clone(), inOneGo(32));
    expect(orderedBmm(left, part, inOneGo(32)).equal(expected)).toBe(true);
    const transposed = part.transpose(1, 2).contiguous().transpose(1, 2);
    expect(orderedBmm(left, transposed, inOneGo(32)).equal(expected)).toBe(true);
  });
});

describe("sums", () => {
  test("are of their parts: what a part loses to rounding does not come back", () => {
    tidy(() => {
      const left = tensor([[[2 ** 30, -(2 ** 30), 1]]]);
      const right = tensor([[[1], [1], [1]]]);
      expect(orderedBmm(left, right, { parts: [2, 1], isFused: true }).item()).toBe(1);
      expect(orderedBmm(left, right, { parts: [1, 2], isFused: true }).item()).toBe(0); // 1 is lost beside -2³⁰
    });
  });

  test("of a row do not depend on the rows, columns and matrices beside it", () => {
    using generator = new Generator(2);
    tidy(() => {
      const left = randn([3, 13, 50], { generator });
      const right = randn([3, 50, 96], { generator });
      for (const isFused of [true, false]) {
        const summation = { parts: [30, 20], isFused };
        const all = orderedBmm(left, right, summation);
        for (let row = 0; row < 13; row++) {
          const alone = orderedBmm(
            left.narrow(0, 1, 1).narrow(1, row, 1),
            right.narrow(0, 1, 1).narrow(2, 0, 40),
            summation,
          );
          expect(alone.equal(all.narrow(0, 1, 1).narrow(1, row, 1).narrow(2, 0, 40))).toBe(true);
        }
      }
    });
  });
});

describe("refused", () => {
  test("shapes that do not fit, parts that are not all inputs, and other dtypes", () => {
    tidy(() => {
      const left = tensor([[[1, 2]]]);
      const right = tensor([[[1], [2]]]);
      expect(() => orderedBmm(left, left, inOneGo(2))).toThrow(TorchError);
      expect(() => orderedBmm(left, right, inOneGo(1))).toThrow(/together 2/);
      expect(() => orderedBmm(left.to("float64"), right, inOneGo(2))).toThrow(/float32/);
    });
  });

  test("a product whose gradient would be lost", () => {
    tidy(() => {
      const left = tensor([[[1, 2]]]).requireGrad();
      const right = tensor([[[1], [2]]]);
      expect(() => orderedBmm(left, right, inOneGo(2))).toThrow(/no gradient/);
      expect(noGrad(() => orderedBmm(left, right, inOneGo(2))).item()).toBe(5);
    });
  });
});
