/** Training for long takes no more memory than training for a while, and what is forgotten is found. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, expect, test } from "vitest";
import {
  adamwStep,
  backward,
  collectedTensorCount,
  Generator,
  keep,
  linear,
  liveTensorCount,
  randn,
  type Tensor,
  TensorScope,
  tensor,
  tidy,
  zeros,
} from "./index.ts";

const STEPS = 10_000;
const SAMPLE_EVERY = 50;

/**
 * Bytes a step may add to the resident memory. The smallest leak there is, a tensor of one element in each step, adds
 * some 620: its object and its storage in libtorch, 64 bytes of elements, its slot, its object here. Without one, 30 to
 * 75 are left, the heap of JavaScript still growing into its pages: 0.4 MB within the 5,000 steps measured.
 */
const MOST_BYTES_PER_STEP = 300;

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");
const scope = new TensorScope();
const generator = new Generator(7);
const liveAtFirst = liveTensorCount();

afterAll(() => {
  scope.dispose();
  generator.dispose();
  expect(liveTensorCount()).toBe(liveAtFirst);
});

/** A perceptron with one hidden layer that learns the sum of its inputs. */
function makeTrainer(): (step: number) => Tensor {
  const made = (shape: readonly number[]): Tensor => scope.add(tidy(() => randn(shape, { generator }).mul(0.1)));
  const inputs = made([32, 16]);
  const targets = scope.run(() => inputs.sum([1], true));
  const parameters = [made([64, 16]), made([64]), made([1, 64]), made([1])].map((one) => one.requireGrad());
  const [first, firstBias, second, secondBias] = parameters as [Tensor, Tensor, Tensor, Tensor];
  const moments = (): Tensor[] => parameters.map((one) => scope.add(zeros(one.shape)));
  const firstMoments = moments();
  const secondMoments = moments();
  return (step) =>
    tidy(() => {
      const hidden = linear(inputs, first, firstBias).tanh(); // (B, E)
      const loss = linear(hidden, second, secondBias).sub(targets).square().mean();
      backward(loss);
      const gradients = parameters.flatMap((one) => one.grad() ?? []);
      adamwStep(
        { parameters, gradients, firstMoments, secondMoments },
        { step, learningRate: 1e-2, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 },
      );
      for (const one of parameters) one.setGrad(null);
      return loss.detach();
    });
}

/** What a step adds to the resident memory, in bytes: least squares over the second half of the samples. */
function bytesPerStep(train: (step: number) => void): number {
  const samples: [step: number, bytes: number][] = [];
  for (let step = 1; step <= STEPS; step++) {
    train(step);
    if (step % SAMPLE_EVERY !== 0) continue;
    if (step % (10 * SAMPLE_EVERY) === 0) collect();
    samples.push([step, process.memoryUsage.rss()]);
  }
  const half = samples.slice(samples.length / 2);
  const mean = (of: (sample: [number, number]) => number): number =>
    half.reduce((sum, sample) => sum + of(sample), 0) / half.length;
  const meanStep = mean(([step]) => step);
  const meanBytes = mean(([, bytes]) => bytes);
  const covariance = mean(([step, bytes]) => (step - meanStep) * (bytes - meanBytes));
  return covariance / mean(([step]) => (step - meanStep) ** 2);
}

test("10,000 training steps leave the resident memory flat, a tensor forgotten in each does not", {
  timeout: 40_000,
}, async ({ annotate }) => {
  const train = makeTrainer();
  const live = liveTensorCount();
  let firstLoss = 0;
  let lastLoss = 0;
  const tidySlope = bytesPerStep((step) => {
    using loss = train(step);
    lastLoss = loss.item();
    if (step === 1) firstLoss = lastLoss;
  });
  expect(lastLoss).toBeLessThan(firstLoss / 100);
  expect(liveTensorCount()).toBe(live);
  expect(collectedTensorCount()).toBe(0);

  const leaked: Tensor[] = [];
  const leakingSlope = bytesPerStep((step) => {
    leaked.push(train(step));
  });
  expect(liveTensorCount()).toBe(live + STEPS);
  for (const one of leaked) one.dispose();
  await annotate(`${Math.round(tidySlope)} bytes a step; ${Math.round(leakingSlope)} with one tensor forgotten`);
  expect(tidySlope).toBeLessThan(MOST_BYTES_PER_STEP);
  expect(leakingSlope).toBeGreaterThan(MOST_BYTES_PER_STEP);
});

test("tensors that nobody frees are freed and counted by the collector, kept ones are not", async () => {
  const before = liveTensorCount();
  const collectedBefore = collectedTensorCount();
  const forget = (): Tensor => {
    for (let i = 0; i < 100; i++) tensor([i]);
    return tidy(() => keep(tensor([7])));
  };
  const held = forget();
  expect(liveTensorCount()).toBe(before + 101);
  await expect
    .poll(() => {
      collect();
      return collectedTensorCount() - collectedBefore;
    })
    .toBe(100);
  expect(liveTensorCount()).toBe(before + 1);
  expect(held.item()).toBe(7);
  held.dispose();
});
