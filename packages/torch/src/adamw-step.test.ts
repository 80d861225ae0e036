import { afterEach, expect, test } from "vitest";
import {
  type AdamWOptions,
  ArgumentError,
  adamwStep,
  Generator,
  getThreads,
  randn,
  setThreads,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from "./index.ts";

const threads = getThreads();
afterEach(() => {
  setThreads(threads);
});

const OPTIONS: AdamWOptions = { step: 1, learningRate: 0.1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

test.each<[string, () => Tensor]>([
  ["transposed", () => zeros([3, 4]).transpose(0, 1)],
  ["a part of larger rows", () => zeros([4, 5]).narrow(1, 1, 3)],
])("a parameter that lies %s is stepped where it lies, and the write is counted", (_, make) => {
  tidy(() => {
    const parameter = make();
    const [first, second] = [zeros([4, 3]), zeros([4, 3])];
    const before = parameter.version;
    const gradients = [zeros([4, 3]).add(2)];
    adamwStep({ parameters: [parameter], gradients, firstMoments: [first], secondMoments: [second] }, OPTIONS);
    // The first step is the rate, whatever the gradient's size.
    expect(parameter.add(0.1).abs().amax().item()).toBeLessThan(1e-6);
    expect(first.sub(0.2).abs().amax().item()).toBeLessThan(1e-6);
    expect(parameter.version).toBeGreaterThan(before);
  });
});

test("shapes that do not fit are refused before anything is written", () => {
  tidy(() => {
    const [good, bad] = [zeros([2]), zeros([3])];
    const moments = (): Tensor[] => [zeros([2]), zeros([3])];
    const gradients = [tensor([1, 1]), tensor([1, 1])];
    expect(() =>
      adamwStep({ parameters: [good, bad], gradients, firstMoments: moments(), secondMoments: moments() }, OPTIONS),
    ).toThrow(ArgumentError);
    expect(good.toArray()).toEqual([0, 0]);
  });
});

test.each([1, 2, 3])("many numbers are stepped as float64 steps them, on %i threads", (count) => {
  setThreads(count);
  using generator = new Generator(0);
  tidy(() => {
    // Second moments are means of squares; of tiny ones the quotient is large, and so its rounding.
    const draw = (): Tensor => randn([100_003], { generator });
    const lists = [draw(), draw(), draw(), draw().pow(2).add(0.1)];
    const wide = lists.map((x) => x.to("float64"));
    const options = { ...OPTIONS, step: 3, weightDecay: 0.1 };
    for (const [parameter, gradient, first, second] of [lists, wide] as [Tensor, Tensor, Tensor, Tensor][]) {
      adamwStep(
        { parameters: [parameter], gradients: [gradient], firstMoments: [first], secondMoments: [second] },
        options,
      );
    }
    for (const [i, own] of lists.entries()) {
      expect(
        own
          .to("float64")
          .sub(wide[i] as Tensor)
          .abs()
          .amax()
          .item(),
      ).toBeLessThan(1e-5);
    }
  });
});
