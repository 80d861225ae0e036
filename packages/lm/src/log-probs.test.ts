import {
  allocatedBytes,
  Generator,
  grad,
  randint,
  randn,
  setThreads,
  type Tensor,
  tensor,
  tidy,
} from "@zerosearch/torch";
import { beforeAll, expect, test, vi } from "vitest";
import { fineTuningLoss } from "./fine-tuning-loss.ts";
import { tokenLogProbs, tokenLogProbsAndEntropies } from "./log-probs.ts";
import { FAST_NUMERICS } from "./nn/numerics.ts";

/** Of the products with the vocabulary: rows by checkpoint, of those outside any first, and the most memory in use after one. */
const products = vi.hoisted(() => ({ rows: [0], isInside: false, mostBytes: 0 }));
vi.mock("@zerosearch/torch", async (importActual) => {
  const actual = await importActual<typeof import("@zerosearch/torch")>();
  const linear: typeof actual.linear = (...operands) => {
    const product = actual.linear(...operands);
    const place = products.isInside ? products.rows.length - 1 : 0;
    products.rows[place] = (products.rows[place] ?? 0) + product.size(0);
    products.mostBytes = Math.max(products.mostBytes, actual.allocatedBytes());
    return product;
  };
  const checkpoint = (body: (...inputs: Tensor[]) => Tensor[], inputs: readonly Tensor[]): Tensor[] => {
    products.rows.push(0);
    products.isInside = true;
    try {
      return actual.checkpoint(body, inputs);
    } finally {
      products.isInside = false;
    }
  };
  return { ...actual, linear, checkpoint };
});

beforeAll(() => {
  setThreads(1);
});

function example(rows: number, vocabulary: number): { hidden: Tensor; weights: Tensor; targets: Tensor } {
  using generator = new Generator(1);
  return {
    hidden: randn([rows, 16], { generator }).requireGrad(),
    weights: randn([vocabulary, 16], { generator }).requireGrad(),
    targets: randint(0, vocabulary, [rows], { generator }),
  };
}

test("log-probability and entropy of a distribution worked out by hand", () => {
  tidy(() => {
    // hidden 1, weights log p: logits are the logarithms of .5, .25, .125, .125
    const weights = tensor([0.5, 0.25, 0.125, 0.125].map((p) => [Math.log(p)]));
    const { logProbs, entropies } = tokenLogProbsAndEntropies(tensor([[1], [1]]), weights, tensor([0n, 3n]), {
      numerics: FAST_NUMERICS,
    });
    expect(logProbs.toNumbers()).toEqual([expect.closeTo(Math.log(0.5), 6), expect.closeTo(Math.log(0.125), 6)]);
    expect(entropies.toNumbers()[0]).toBeCloseTo(1.75 * Math.LN2, 6); // ½·1 + ¼·2 + 2·⅛·3 bits
  });
});

test("chunks change neither values nor gradients, and a last chunk may be short", () => {
  tidy(() => {
    const { hidden, weights, targets } = example(50, 300);
    const run = (chunkRows: number): Tensor[] => {
      const { logProbs, entropies } = tokenLogProbsAndEntropies(hidden, weights, targets, {
        numerics: FAST_NUMERICS,
        chunkRows,
        temperature: 0.7,
      });
      const loss = logProbs.mul(randnLike(logProbs)).sum().add(entropies.square().sum());
      return [logProbs, entropies, ...grad(loss, [hidden, weights])];
    };
    const whole = run(50);
    for (const chunkRows of [1, 7, 16]) {
      for (const [i, part] of run(chunkRows).entries()) {
        const reference = whole[i] ?? part;
        expect(part.sub(reference).abs().amax().item()).toBeLessThan(2e-5 * (1 + reference.abs().amax().item()));
      }
    }
  });
});

test("the logits of a batch are never in memory as a whole, forward or backward", () => {
  const { hidden, weights, targets } = example(1024, 20_000);
  const wholeBytes = 1024 * 20_000 * 4; // 78 MiB
  /** The most that products left in memory, and what is held between the forward and the backward pass. */
  const takenBytes = (chunkRows: number): { most: number; held: number } =>
    tidy(() => {
      Object.assign(products, { rows: [0], mostBytes: 0 });
      const before = allocatedBytes();
      const loss = tidy(() => tokenLogProbs(hidden, weights, targets, { numerics: FAST_NUMERICS, chunkRows }).sum());
      const held = allocatedBytes() - before;
      grad(loss, [hidden, weights]);
      return { most: products.mostBytes - before, held };
    });
  takenBytes(64); // what kernels allocate once and keep
  const { most, held } = takenBytes(64);
  expect(most).toBeLessThan(0.15 * wholeBytes);
  expect(held).toBeLessThan(0.05 * wholeBytes);
  // Backward, libtorch computes one checkpoint at a time again, all that is in it together.
  expect(products.rows).toEqual([0, ...Array(16).fill(64)]);
  for (const one of [hidden, weights, targets]) one.dispose();
});

test("the fine-tuning loss is one weighted mean, however its tokens are split; tokens of weight 0 have no say", () => {
  tidy(() => {
    const logProbs = tensor([Number.NEGATIVE_INFINITY, -2, -4, -8]);
    const learned = tensor([0, 1, 1, 1]);
    expect(fineTuningLoss(logProbs, learned, 3).item()).toBeCloseTo(14 / 3, 6);
    expect(fineTuningLoss(logProbs, tensor([0, 3, 0.5, 0]), 3.5).item()).toBeCloseTo(8 / 3.5, 6);
    const parts = [0, 2].map((start) =>
      fineTuningLoss(logProbs.narrow(0, start, 2), learned.narrow(0, start, 2), 3).item(),
    );
    expect((parts[0] ?? 0) + (parts[1] ?? 0)).toBeCloseTo(14 / 3, 6);
    expect(() => fineTuningLoss(logProbs, learned, 0)).toThrow(/at least one token/);
  });
});

function randnLike(like: Tensor): Tensor {
  using generator = new Generator(7);
  return randn(like.shape, { generator });
}
