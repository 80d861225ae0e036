/** The update as a whole: what is learned, by how much, and that the way the work is divided does not matter. */
import type { Decoder } from "@zerosearch/lm";
import { liveTensorCount, setThreads, type Tensor, TorchError } from "@zerosearch/torch";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RunError } from "../core/errors.ts";
import type { ScoredTrajectory } from "../reward/reward.ts";
import { ALGORITHMS, type Algorithm, type AlgorithmName } from "./algorithms.ts";
import { Critic } from "./critic.ts";
import { estimateAdvantages, type LearnedTrajectory } from "./estimate-advantages.ts";
import { evaluateTokens } from "./evaluate-tokens.ts";
import { NonFiniteGuard } from "./non-finite-guard.ts";
import { AdamW } from "./optimizer.ts";
import { nextProbabilities, rewardedProbability, sampleRollouts, tinyDecoder } from "./testing/bandit.ts";
import { TokenBudget } from "./token-budget.ts";
import { type UpdateOptions, type UpdateResult, updateModels } from "./update-models.ts";

setThreads(1);

let before = 0;
beforeEach(() => {
  before = liveTensorCount();
});
afterEach(() => {
  expect(liveTensorCount()).toBe(before);
});

const optionsOf = (algorithm: Algorithm, changes: Partial<UpdateOptions> = {}): UpdateOptions => ({
  algorithm,
  temperature: 1,
  shuffleKey: [0, 0],
  maxGradientNorm: Number.POSITIVE_INFINITY,
  numerics: "fast",
  checkpointLayers: false,
  budget: new TokenBudget(Number.POSITIVE_INFINITY),
  guard: new NonFiniteGuard(3),
  ...changes,
});

/** One update of a fresh policy (and critic) that learns from rollouts of its own. */
function oneUpdate(
  algorithm: Algorithm,
  changes: Partial<UpdateOptions> = {},
  alter: (batch: LearnedTrajectory[]) => LearnedTrajectory[] = (batch) => batch,
): UpdateResult & { readonly weights: number[] } {
  using policy = tinyDecoder();
  using reference = tinyDecoder(3);
  using critic = new Critic(policy);
  using policyOptimizer = new AdamW(policy.parameters);
  using criticOptimizer = new AdamW(critic.parameters);
  const scored = sampleRollouts(policy, { questions: 2, groupSize: 4, step: 0 });
  const { trajectories } = evaluateTokens({ policy, reference, critic }, scored, {
    temperature: 1,
    oldLogProbs: "recomputed",
    numerics: "fast",
    budget: new TokenBudget(100),
  });
  const result = updateModels(
    {
      policy: { decoder: policy, optimizer: policyOptimizer, learningRate: 1e-3 },
      ...(algorithm.hasCritic && { critic: { critic, optimizer: criticOptimizer, learningRate: 1e-3 } }),
    },
    alter(estimateAdvantages(algorithm, trajectories)),
    optionsOf(algorithm, changes),
  );
  const moments = [...policyOptimizer.tensors(), ...(algorithm.hasCritic ? criticOptimizer.tensors() : [])];
  return { ...result, weights: moments.filter(([name]) => name.endsWith("first_moment")).flatMap(numbersOf) };
}

const numbersOf = ([, tensor]: readonly [string, Tensor]): number[] => tensor.toNumbers();

function largestDifference(a: readonly number[], b: readonly number[]): number {
  expect(a.length).toBe(b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}

describe("one mean, whatever the micro-batching (D13, D42)", () => {
  test.each(Object.keys(ALGORITHMS) as AlgorithmName[])("%s: 1 × 8, 8 × 1 and packed by budget agree", (name) => {
    const algorithm = ALGORITHMS[name];
    const whole = oneUpdate(algorithm);
    expect(whole.metrics["update/micro_batches"]).toBe(algorithm.hasCritic ? 2 : 1);
    for (const [tokens, least] of [
      [1, 8],
      [17, 3],
    ] as const) {
      const parts = oneUpdate(algorithm, { budget: new TokenBudget(tokens) });
      expect(parts.metrics["update/micro_batches"]).toBeGreaterThanOrEqual(least);
      // first moments are a tenth of the gradients, whose size is about 0.1 to 1
      expect(largestDifference(parts.weights, whole.weights)).toBeLessThan(1e-6);
      for (const measure of ["actor/pg_loss", "actor/kl_loss", "actor/entropy_loss", "actor/grad_norm"]) {
        expect(parts.metrics[measure] ?? 0).toBeCloseTo(whole.metrics[measure] ?? 0, 4);
      }
    }
  });

  test("the order of the trajectories does not matter", () => {
    const whole = oneUpdate(ALGORITHMS.ppo);
    const turned = oneUpdate(ALGORITHMS.ppo, {}, (batch) => [...batch].reverse());
    expect(largestDifference(turned.weights, whole.weights)).toBeLessThan(1e-6);
  });

  test("checkpointed layers change nothing", () => {
    const whole = oneUpdate(ALGORITHMS.ppo);
    const checkpointed = oneUpdate(ALGORITHMS.ppo, { checkpointLayers: true });
    expect(largestDifference(checkpointed.weights, whole.weights)).toBeLessThan(1e-7);
  });

  test("memory that runs out halves the micro-batch, changes nothing else, and is reported", () => {
    const whole = oneUpdate(ALGORITHMS.grpo);
    const scarce = oneUpdate(ALGORITHMS.grpo, { budget: new ScarceBudget() });
    expect(scarce.metrics["update/memory_halvings"]).toBe(1);
    expect(scarce.metrics["update/token_budget"]).toBeLessThan(100);
    expect(largestDifference(scarce.weights, whole.weights)).toBeLessThan(1e-6);
  });
});

/** Memory for four trajectories. */
class ScarceBudget extends TokenBudget {
  constructor() {
    super(Number.POSITIVE_INFINITY);
  }

  override forEachBatch(lengths: readonly number[], run: (indices: readonly number[]) => void): number {
    return super.forEachBatch(lengths, (indices) => {
      if (indices.length > 4) throw new TorchError("CUDA out of memory", "aten::mm", "[2, 2]");
      run(indices);
    });
  }
}

describe("mini-batches and epochs", () => {
  test("two epochs of two mini-batches are four steps", () => {
    const { metrics } = oneUpdate(ALGORITHMS.grpo, { epochs: 2, miniBatches: 2 });
    expect(metrics["update/steps"]).toBe(4);
    expect(metrics["actor/ppo_kl"]).not.toBe(0);
  });

  test("the same key shuffles the same way, another key another way", () => {
    const first = oneUpdate(ALGORITHMS.grpo, { miniBatches: 4 });
    expect(oneUpdate(ALGORITHMS.grpo, { miniBatches: 4 }).weights).toEqual(first.weights);
    expect(oneUpdate(ALGORITHMS.grpo, { miniBatches: 4, shuffleKey: [0, 1] }).weights).not.toEqual(first.weights);
  });

  test("in the first step nothing is clipped and the ratio is 1", () => {
    const { metrics } = oneUpdate(ALGORITHMS.grpo);
    expect(metrics["actor/pg_clipfrac"]).toBe(0);
    expect(metrics["actor/ppo_kl"]).toBeCloseTo(0, 6);
  });
});

describe("learning", () => {
  const learn = (
    algorithm: Algorithm,
    alter: (scored: ScoredTrajectory) => ScoredTrajectory = (scored) => scored,
  ): number[] => {
    using policy = tinyDecoder();
    using reference = tinyDecoder();
    using critic = new Critic(policy);
    using optimizer = new AdamW(policy.parameters, { weightDecay: 0 });
    using criticOptimizer = new AdamW(critic.parameters, { weightDecay: 0 });
    const options = optionsOf(algorithm, { maxGradientNorm: 1, budget: new TokenBudget(200) });
    const start = rewardedProbability(policy);
    for (let step = 0; step < 12; step++) {
      const scored = sampleRollouts(policy, { questions: 3, groupSize: 8, step }).map(alter);
      const { trajectories } = evaluateTokens({ policy, reference, ...(algorithm.hasCritic && { critic }) }, scored, {
        temperature: 1,
        oldLogProbs: "recorded",
        checksRecorded: false,
        numerics: "fast",
        budget: options.budget,
      });
      updateModels(
        {
          policy: { decoder: policy, optimizer, learningRate: 5e-3 },
          ...(algorithm.hasCritic && { critic: { critic, optimizer: criticOptimizer, learningRate: 1e-2 } }),
        },
        estimateAdvantages(algorithm, trajectories),
        { ...options, shuffleKey: [0, step] },
      );
    }
    return [start, rewardedProbability(policy)];
  };

  test.each(Object.keys(ALGORITHMS) as AlgorithmName[])("%s makes rewarded tokens likelier", (name) => {
    const [start = 1, end = 0] = learn(ALGORITHMS[name]);
    expect(start).toBeLessThan(0.6);
    expect(end).toBeGreaterThan(start + 0.2);
  });

  test("with the reward reversed they become rarer", () => {
    const [start = 0, end = 1] = learn(ALGORITHMS.grpo, ({ trajectory, score }) => ({
      trajectory,
      score: { ...score, reward: 1 - score.reward },
    }));
    expect(end).toBeLessThan(start - 0.2);
  });

  test("the critic comes to know the returns", () => {
    using policy = tinyDecoder();
    using critic = new Critic(policy);
    using optimizer = new AdamW(critic.parameters);
    const scored = sampleRollouts(policy, { questions: 2, groupSize: 8, step: 0 });
    const algorithm = { ...ALGORITHMS.ppo, kl: { ...ALGORITHMS.ppo.kl, coefficient: 0 } };
    const losses: number[] = [];
    const explained: number[] = [];
    for (let step = 0; step < 25; step++) {
      const budget = new TokenBudget(200);
      const { trajectories } = evaluateTokens({ policy, critic }, scored, {
        temperature: 1,
        oldLogProbs: "recorded",
        checksRecorded: false,
        numerics: "fast",
        budget,
      });
      const { metrics } = updateModels(
        { critic: { critic, optimizer, learningRate: 1e-2 } },
        estimateAdvantages(algorithm, trajectories),
        optionsOf(algorithm, { budget }),
      );
      losses.push(metrics["critic/vf_loss"] ?? Number.NaN);
      explained.push(metrics["critic/vf_explained_var"] ?? Number.NaN);
      expect(metrics).not.toHaveProperty("actor/pg_loss");
    }
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 10);
    expect(explained[0]).toBeCloseTo(0, 6);
    expect(explained.at(-1)).toBeGreaterThan(0.3);
  });
});

describe("KL in the loss", () => {
  const PROMPTS = [
    [1, 2, 3],
    [1, 2, 4],
    [1, 2, 5],
  ];

  /** KL(policy ‖ reference) of the next token, over the whole vocabulary. */
  const divergence = (policy: Decoder, reference: Decoder): number => {
    const [ours, theirs] = [nextProbabilities(policy, PROMPTS).flat(), nextProbabilities(reference, PROMPTS).flat()];
    return ours.reduce((sum, p, i) => sum + p * Math.log(p / (theirs[i] ?? 0)), 0) / PROMPTS.length;
  };

  /** The divergence before and after steps that know nothing but KL. */
  const distances = (kl: Algorithm["kl"]): [number, number] => {
    using policy = tinyDecoder();
    using reference = tinyDecoder(3);
    using optimizer = new AdamW(policy.parameters, { weightDecay: 0 });
    const algorithm: Algorithm = { ...ALGORITHMS.grpo, kl, entropyCoefficient: 0 };
    const options = optionsOf(algorithm, { maxGradientNorm: 1 });
    const start = divergence(policy, reference);
    for (let step = 0; step < 12; step++) {
      const scored = sampleRollouts(policy, { questions: 3, groupSize: 8, step }).map(({ trajectory, score }) => ({
        trajectory,
        score: { ...score, reward: 0 },
      }));
      const { trajectories } = evaluateTokens({ policy, reference }, scored, {
        temperature: 1,
        oldLogProbs: "recorded",
        checksRecorded: false,
        numerics: "fast",
        budget: options.budget,
      });
      updateModels(
        { policy: { decoder: policy, optimizer, learningRate: 1e-2 } },
        estimateAdvantages(algorithm, trajectories),
        options,
      );
    }
    return [start, divergence(policy, reference)];
  };

  test.each([
    ["k2", false],
    ["k3", false],
    ["k1", true],
    ["k3", true],
  ] as const)("%s (gradient of KL: %s) pulls the policy towards the reference (D3)", (estimator, hasKlGradient) => {
    const [start, end] = distances({ place: "loss", estimator, hasKlGradient, coefficient: 1 });
    expect(end).toBeLessThan(start * 0.7);
  });

  test("subtracted, as in the reference's code, it pushes away: the measure notices", () => {
    const [start, end] = distances({ place: "loss", estimator: "k2", hasKlGradient: false, coefficient: -1 });
    expect(end).toBeGreaterThan(start * 1.3);
  });
});

describe("safety", () => {
  const poisoned = (batch: LearnedTrajectory[]): LearnedTrajectory[] =>
    batch.map((learned, i) =>
      i === 0 ? { ...learned, advantages: learned.advantages.map(() => Number.NaN) } : learned,
    );

  test("a step that is no number is skipped, counted and handed over; no weight changes", () => {
    const { metrics, skipped, weights } = oneUpdate(ALGORITHMS.grpo, {}, poisoned);
    expect(metrics["update/skipped_steps"]).toBe(1);
    expect(weights.every((weight) => weight === 0)).toBe(true);
    const poisonedOne = { questionId: expect.any(String), sample: 0 };
    expect(skipped).toMatchObject([{ model: "policy", batch: { rollouts: { length: 8, 0: poisonedOne } } }]);
    expect(skipped[0]?.loss).toBeNaN();
  });

  test("the other mini-batches go on", () => {
    const { metrics, weights } = oneUpdate(ALGORITHMS.grpo, { miniBatches: 4 }, poisoned);
    expect({ steps: metrics["update/steps"], skipped: metrics["update/skipped_steps"] }).toEqual({
      steps: 4,
      skipped: 1,
    });
    expect(weights.every(Number.isFinite)).toBe(true);
    expect(metrics["actor/pg_loss"]).not.toBeNaN();
  });

  test("too many in a row stop the run", () => {
    const guard = new NonFiniteGuard(1);
    oneUpdate(ALGORITHMS.grpo, { guard, epochs: 2 }, poisoned);
    expect(() => guard.throwIfTooMany()).toThrow(RunError);
  });

  test("an empty batch changes nothing", () => {
    const { metrics, weights } = oneUpdate(ALGORITHMS.grpo, {}, () => []);
    expect(metrics["update/steps"]).toBe(0);
    expect(weights.every((weight) => weight === 0)).toBe(true);
  });
});

test("importance weights scale the policy loss and nothing else", () => {
  const exact = oneUpdate(ALGORITHMS.grpo);
  const importance = { kind: "truncate", level: "token", most: 2 } as const;
  const same = oneUpdate(ALGORITHMS.grpo, { importance });
  expect(same.metrics["importance/mean"]).toBeCloseTo(1, 5);
  expect(same.metrics["actor/pg_loss"]).toBeCloseTo(exact.metrics["actor/pg_loss"] ?? Number.NaN, 5);
  const halved = oneUpdate(ALGORITHMS.grpo, { importance: { ...importance, most: 0.5 } });
  expect(halved.metrics["actor/pg_loss"]).toBeCloseTo((exact.metrics["actor/pg_loss"] ?? 0) / 2, 5);
  expect(halved.metrics["actor/kl_loss"]).toBeCloseTo(exact.metrics["actor/kl_loss"] ?? Number.NaN, 6);
});
