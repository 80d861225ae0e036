/** What language models are composed of: gradients against finite differences, attention and AdamW against PyTorch. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  adamwStep,
  arange,
  attention,
  cat,
  checkpoint,
  Generator,
  grad,
  layerNorm,
  linear,
  liveTensorCount,
  randn,
  type Tensor,
  tensor,
  tidy,
  zeros,
} from "./index.ts";
import { expectGolden } from "./testing/close.ts";
import { type GoldenTensor, makeTensor, readGoldenOps, upstream } from "./testing/golden.ts";
import { gradientErrors } from "./testing/gradient-check.ts";

/** Central differences in float64 agree with the gradient to about 1e-10; a wrong gradient is off by far more. */
const LARGEST_ERROR = 1e-8;

const golden = readGoldenOps().composites;

let before = 0;
beforeEach(() => {
  before = liveTensorCount();
});
afterEach(() => {
  expect(liveTensorCount()).toBe(before);
});

/** Checks every element of every input; inputs are normal random numbers of these shapes. */
function expectGradients(shapes: readonly (readonly number[])[], body: (...inputs: Tensor[]) => Tensor): void {
  for (const error of errorsOf(shapes, body)) expect(error).toBeLessThan(LARGEST_ERROR);
}

function errorsOf(shapes: readonly (readonly number[])[], body: (...inputs: Tensor[]) => Tensor): number[] {
  using generator = new Generator(7);
  return tidy(() => {
    const inputs = shapes.map((shape) => randn(shape, { generator, dtype: "float64" }).requireGrad());
    return gradientErrors(body, inputs);
  });
}

/** x / sqrt(mean(x²) + ε) · weight, over the last dimension */
function rmsNorm(x: Tensor, weight: Tensor): Tensor {
  return x.mul(x.square().mean(-1, true).add(1e-6).rsqrt()).mul(weight);
}

/** Rotates the pairs (i, i + D/2) of `[B, H, T, D]` by position times a frequency per pair. */
function rotary(x: Tensor): Tensor {
  const half = x.size(-1) / 2;
  const positions = arange(0, x.size(-2), 1, { dtype: "float64" });
  const frequencies = arange(0, half, 1, { dtype: "float64" })
    .mul(-2 / x.size(-1))
    .mul(Math.log(100))
    .exp();
  const angles = positions.outer(frequencies); // (T, D/2)
  const [left, right] = [x.narrow(-1, 0, half), x.narrow(-1, half, half)];
  const [cos, sin] = [angles.cos(), angles.sin()];
  return cat([left.mul(cos).sub(right.mul(sin)), right.mul(cos).add(left.mul(sin))], -1);
}

function swiglu(x: Tensor, gate: Tensor, up: Tensor, down: Tensor): Tensor {
  return linear(linear(x, gate).silu().mul(linear(x, up)), down);
}

/** `[B, T, heads·D]` as `[B, heads, T, D]` */
function splitHeads(x: Tensor, heads: number): Tensor {
  return x.unflatten(-1, [heads, -1]).transpose(1, 2);
}

/** A pre-norm, causal attention block with 4 query heads over 2 key heads, D = 2, and its residual. */
function attentionBlock(...[x, norm, wq, wk, wv, wo]: Tensor[]): Tensor {
  if (!x || !norm || !wq || !wk || !wv || !wo) throw new TypeError("the block takes 6 tensors");
  const normed = rmsNorm(x, norm);
  const query = rotary(splitHeads(linear(normed, wq), 4)); // (B, H, T, D)
  const key = rotary(splitHeads(linear(normed, wk), 2)); // (B, K, S, D)
  const value = splitHeads(linear(normed, wv), 2); // (B, K, S, D)
  const mixed = attention(query, key, value, { isCausal: true }).transpose(1, 2).flatten(2);
  return x.add(linear(mixed, wo));
}

/** Shapes of query, key and value, `[B, H, T, D]`. */
const ALIKE = [
  [2, 2, 2, 2],
  [2, 2, 2, 2],
  [2, 2, 2, 2],
];
const GROUPED = [
  [2, 4, 2, 2],
  [2, 2, 3, 2],
  [2, 2, 3, 2],
];
/** Shapes of the attention block's input, norm, and projections to query, key, value and back. */
const BLOCK = [[2, 3, 4], [4], [8, 4], [4, 4], [4, 4], [4, 8]];

describe("gradients agree with finite differences", () => {
  test("of a causal attention block with grouped heads, rotary embedding and RMS norm", () => {
    expectGradients(BLOCK, attentionBlock);
  });

  test("of the same block when its activations are recomputed", () => {
    expectGradients(BLOCK, (...inputs) => checkpoint(attentionBlock, inputs));
  });

  test("of attention without a mask", () => {
    expectGradients(ALIKE, (query, key, value) => attention(query, key, value));
  });

  test("of causal attention with fewer queries than keys and fewer key heads than query heads", () => {
    expectGradients(GROUPED, (query, key, value) => attention(query, key, value, { isCausal: true, scale: 0.6 }));
  });

  test("of attention with a bool mask [T, S]", () => {
    expectGradients(ALIKE, (query, key, value) => {
      const mask = tensor([
        [true, false],
        [true, true],
      ]);
      return attention(query, key, value, { mask });
    });
  });

  test("of attention with a bool mask [B, 1, 1, S] for padding", () => {
    expectGradients(GROUPED, (query, key, value) => {
      const mask = tensor([[[[true, true, false]]], [[[false, true, true]]]]);
      return attention(query, key, value, { mask });
    });
  });

  test("of attention with a float mask, through which a gradient flows", () => {
    expectGradients([...GROUPED, [2, 4, 2, 3]], (query, key, value, mask) => attention(query, key, value, { mask }));
  });

  test("of RMS norm", () => {
    expectGradients([[2, 3, 4], [4]], rmsNorm);
  });

  test("of a rotary embedding", () => {
    expectGradients([[1, 2, 3, 4]], rotary);
  });

  test("of SwiGLU", () => {
    const gateAndUp = [5, 3];
    expectGradients([[2, 3], gateAndUp, gateAndUp, [3, 5]], swiglu);
  });

  test("of cross entropy from logits, one target ignored", () => {
    expectGradients([[4, 5]], (logits) => logits.crossEntropyLoss(tensor([1n, -100n, 4n, 0n])));
  });

  test("of cross entropy by log-softmax and gather, weighted by a mask", () => {
    expectGradients([[2, 3, 5]], (logits) => {
      const targets = tensor([1n, 0n, 4n, 2n, 2n, 3n]).view([2, 3, 1]); // (B, T, 1)
      const mask = tensor([1, 1, 0, 0, 1, 1], { dtype: "float64" }).view([2, 3]); // (B, T)
      const losses = logits.logSoftmax(-1).gather(-1, targets).squeeze(-1).neg(); // (B, T)
      return losses.mul(mask).sum().div(mask.sum());
    });
  });

  test("of layer norm with weight and bias", () => {
    expectGradients([[2, 4], [4], [4]], (x, weight, bias) => layerNorm(x, [4], weight, bias));
  });
});

describe("the gradient check", () => {
  test("catches a branch that was detached by mistake", () => {
    const [error] = errorsOf([[3]], (x) => x.mul(x.detach()));
    expect(error).toBeGreaterThan(0.1);
  });

  test("catches a gradient that is off by a thousandth", () => {
    const [error] = errorsOf([[3]], (x) => x.add(x.detach().mul(1e-3)));
    expect(error).toBeGreaterThan(100 * LARGEST_ERROR);
  });

  test("catches an input that the graph lost", () => {
    const errors = errorsOf([[3], [3]], (x, y) => x.mul(2).add(y.detach()));
    expect(errors[0]).toBeLessThan(LARGEST_ERROR);
    expect(errors[1]).toBeGreaterThan(0.1);
  });

  test("refuses float32, in which differences are noise", () => {
    tidy(() => expect(() => gradientErrors((x) => x, [tensor([1]).requireGrad()])).toThrow(RangeError));
  });
});

describe("attention agrees with plain operators in PyTorch", () => {
  for (const one of golden.attention) {
    test(one.name, () => {
      tidy(() => {
        const [query, key, value] = [makeTensor(one.query), makeTensor(one.key), makeTensor(one.value)];
        const mask = one.mask && makeTensor(one.mask);
        const output = attention(query, key, value, { ...one.options, ...(mask && { mask }) });
        expectGolden(output, one.output);
        const leaves = [query, key, value, ...(mask?.requiresGrad ? [mask] : [])];
        expectAllGolden(grad(output, leaves, upstream(output)), one.gradients);
      });
    });
  }
});

describe("AdamW agrees with torch.optim.AdamW", () => {
  for (const one of golden.adamw) {
    test(one.name, () => {
      tidy(() => {
        const parameters = one.parameters.map((coded) => makeTensor(coded).requireGrad());
        const firstMoments = parameters.map(({ shape, dtype }) => zeros(shape, { dtype }));
        const secondMoments = parameters.map(({ shape, dtype }) => zeros(shape, { dtype }));
        for (const [done, expected] of one.steps.entries()) {
          const gradients = expected.gradients.map(makeTensor);
          adamwStep({ parameters, gradients, firstMoments, secondMoments }, { ...one.options, step: done + 1 });
          expectAllGolden(parameters, expected.parameters);
          expectAllGolden(firstMoments, expected.firstMoments);
          expectAllGolden(secondMoments, expected.secondMoments);
        }
      });
    });
  }
});

function expectAllGolden(actual: readonly Tensor[], expected: readonly GoldenTensor[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [i, one] of expected.entries()) expectGolden(given(actual[i]), one);
}

function given(tensor: Tensor | undefined): Tensor {
  if (!tensor) throw new TypeError("an input is missing");
  return tensor;
}
