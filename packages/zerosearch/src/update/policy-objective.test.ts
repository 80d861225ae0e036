/** The whole loss of the policy: its gradient against finite differences, and what it depends on. */
import { grad, liveTensorCount, noGrad, setThreads, type Tensor, tidy } from "@zerosearch/torch";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { keyedUniform } from "../core/keyed-random.ts";
import { ALGORITHMS, type Algorithm, type AlgorithmName } from "./algorithms.ts";
import { estimateAdvantages } from "./estimate-advantages.ts";
import { evaluateTokens } from "./evaluate-tokens.ts";
import { policyText } from "./packed-rollouts.ts";
import { policyObjective, type WeighedTrajectory } from "./policy-objective.ts";
import { action, nextProbabilities, sampleRollouts, scoredRollout, tinyDecoder } from "./testing/bandit.ts";
import { TokenBudget } from "./token-budget.ts";

setThreads(1);

let before = 0;
beforeEach(() => {
  before = liveTensorCount();
});
afterEach(() => {
  expect(liveTensorCount()).toBe(before);
});

/** Rollouts of another model, so that ratios, clipping and KL all matter. */
function batchOf(algorithm: Algorithm): WeighedTrajectory[] {
  using old = tinyDecoder(1);
  using reference = tinyDecoder(3);
  const scored = sampleRollouts(old, { questions: 2, groupSize: 3, step: 1 });
  const { trajectories } = evaluateTokens({ policy: old, reference }, scored, {
    temperature: 1,
    oldLogProbs: "recomputed",
    numerics: "fast",
    budget: new TokenBudget(100),
  });
  const withValues = trajectories.map((each) => ({ ...each, values: each.oldLogProbs.map(() => 0.1) }));
  return estimateAdvantages(algorithm, withValues).map((learned) => ({
    learned,
    text: policyText(learned.trajectory),
    weight: 1 / 18,
    tokenShare: 1 / 18,
  }));
}

const optionsOf = (algorithm: Algorithm, decoder: ReturnType<typeof tinyDecoder>) => ({
  algorithm,
  klCoefficient: 0.05,
  temperature: 1.3,
  numerics: decoder.numerics("fast"),
  checkpointLayers: false,
});

describe("the gradient is the slope of the loss", () => {
  test.each(["grpo", "ppo", "gspo", "dapo"] as const)("%s", (name: AlgorithmName) => {
    const algorithm: Algorithm = {
      ...ALGORITHMS[name],
      kl: { place: "loss", estimator: "k2", hasKlGradient: true, coefficient: 0.05 },
      entropyCoefficient: 0.02,
      policyLoss: { ...ALGORITHMS[name].policyLoss, clipBelow: 0.5, clipAbove: 2 },
    };
    const batch = batchOf(algorithm);
    using decoder = tinyDecoder(2, "float64");
    const parameters = [...decoder.parameters.values()];
    const lossOf = (): Tensor => policyObjective(decoder, batch, optionsOf(algorithm, decoder)).loss;
    tidy(() => {
      for (const parameter of parameters) parameter.requireGrad();
      const gradients = grad(lossOf(), parameters);
      for (const parameter of parameters) parameter.requireGrad(false);
      for (const [at, parameter] of parameters.entries()) {
        const gradient = gradients[at]?.toNumbers() ?? [];
        const memory = parameter.asTypedArray();
        // along the gradient and a random direction each; log-probabilities are float32, so steps are large
        const direction = gradient.map((slope, i) => slope + 0.1 * (keyedUniform([at, i]) - 0.5));
        const size = Math.hypot(...direction);
        const start = Float64Array.from(memory, Number);
        const valueAt = (by: number): number => {
          for (const [i, value] of start.entries()) memory[i] = value + (by * (direction[i] ?? 0)) / size;
          return noGrad(() => tidy(() => lossOf().item()));
        };
        const step = 1e-3;
        const numeric = (valueAt(step) - valueAt(-step)) / (2 * step);
        for (const [i, value] of start.entries()) memory[i] = value;
        const analytic = gradient.reduce((sum, slope, i) => sum + (slope * (direction[i] ?? 0)) / size, 0);
        expect(Math.abs(numeric - analytic), `parameter ${at}: ${numeric} for ${analytic}`).toBeLessThan(
          2e-3 + 0.01 * Math.abs(analytic),
        );
      }
    });
  });
});

test("each term is there with its sign: loss = policy + β·KL − c·entropy", () => {
  const algorithm = { ...ALGORITHMS.grpo, entropyCoefficient: 0.1 };
  const batch = batchOf(algorithm);
  using decoder = tinyDecoder(2);
  tidy(() => {
    const { loss, terms } = policyObjective(decoder, batch, optionsOf(algorithm, decoder));
    const value = (name: string): number => terms[name]?.item() ?? Number.NaN;
    expect(value("kl_loss")).toBeGreaterThan(0);
    expect(value("entropy_loss")).toBeGreaterThan(0);
    expect(loss.item()).toBeCloseTo(value("pg_loss") + 0.05 * value("kl_loss") - 0.1 * value("entropy_loss"), 6);
  });
});

test("the entropy is that of the policy's own choices, observations have none", () => {
  const algorithm: Algorithm = { ...ALGORITHMS.grpo, kl: { ...ALGORITHMS.grpo.kl, coefficient: 0 } };
  const batch = batchOf(algorithm);
  using decoder = tinyDecoder(2);
  const entropies = batch.flatMap(({ text: { tokens, statePositions } }) =>
    nextProbabilities(
      decoder,
      statePositions.map((position) => tokens.slice(0, position + 1)),
    ).map((row) => row.reduce((sum, p) => sum - p * Math.log(p), 0)),
  );
  const expected = entropies.reduce((sum, entropy) => sum + entropy, 0) / entropies.length;
  tidy(() => {
    const { terms } = policyObjective(decoder, batch, { ...optionsOf(algorithm, decoder), temperature: 1 });
    expect(terms.entropy_loss?.item()).toBeCloseTo(expected, 5);
  });
});

test("what was observed after the last action changes nothing, to the bit", () => {
  const algorithm = ALGORITHMS.rloo;
  const batch = batchOf(algorithm);
  using decoder = tinyDecoder(2);
  const lossOf = (trajectories: readonly WeighedTrajectory[]): number =>
    tidy(() => policyObjective(decoder, trajectories, optionsOf(algorithm, decoder)).loss.item());
  const longer = batch.map((each) => {
    const { trajectory } = each.learned;
    const seen = { kind: "observation", cause: "search", tokens: [5, 6, 7, 8, 9], text: "" } as const;
    const changed = { ...trajectory, segments: [...trajectory.segments, seen] };
    return { ...each, learned: { ...each.learned, trajectory: changed }, text: policyText(changed) };
  });
  expect(lossOf(longer)).toBe(lossOf(batch));
});

test("KL in the loss without a reference is refused", () => {
  using decoder = tinyDecoder();
  const scored = scoredRollout({ question: 0, sample: 0, reward: 1, segments: [action([9], [-1])] });
  const [learned] = estimateAdvantages(ALGORITHMS.grpo, [{ ...scored, oldLogProbs: Float64Array.of(-1) }]);
  expect(learned).toBeDefined();
  if (!learned) return;
  const batch = [{ learned, text: policyText(learned.trajectory), weight: 1, tokenShare: 1 }];
  expect(() => policyObjective(decoder, batch, optionsOf(ALGORITHMS.grpo, decoder))).toThrow("needs the reference");
});
