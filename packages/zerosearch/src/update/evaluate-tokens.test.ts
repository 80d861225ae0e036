/** Evaluation: what is computed, when, and for which tokens. */
import { liveTensorCount, setThreads } from "@zerosearch/torch";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ScoredTrajectory } from "../reward/reward.ts";
import { Critic } from "./critic.ts";
import { type EvaluationOptions, evaluateTokens } from "./evaluate-tokens.ts";
import { policyText } from "./packed-rollouts.ts";
import {
  action,
  nextProbabilities,
  observation,
  sampleRollouts,
  scoredRollout,
  tinyDecoder,
} from "./testing/bandit.ts";
import { TokenBudget } from "./token-budget.ts";

setThreads(1);

let before = 0;
beforeEach(() => {
  before = liveTensorCount();
});
afterEach(() => {
  expect(liveTensorCount()).toBe(before);
});

const options = (tokens = 20, changes: Partial<EvaluationOptions> = {}): EvaluationOptions => ({
  temperature: 1,
  oldLogProbs: "recomputed",
  numerics: "fast",
  budget: new TokenBudget(tokens),
  ...changes,
});

test("every policy token is predicted from what stands before it, and nothing else is asked for", () => {
  const { trajectory } = scoredRollout({
    question: 0,
    sample: 0,
    reward: 1,
    prompt: [1, 2, 3],
    segments: [action([10, 11], [-1, -1]), observation([4, 5, 6]), action([12], [-1]), observation([7, 8])],
  });
  expect(policyText(trajectory)).toEqual({
    tokens: [1, 2, 3, 10, 11, 4, 5, 6],
    statePositions: [2, 3, 7],
    targets: [10, 11, 12],
  });
});

test("log-probabilities are those of the full vocabulary after each prefix, whatever the micro-batches", () => {
  using policy = tinyDecoder();
  const scored = sampleRollouts(policy, { questions: 2, groupSize: 3, step: 0 });
  for (const budget of [1, 25, Number.POSITIVE_INFINITY]) {
    const { trajectories, samplerDifference } = evaluateTokens({ policy }, scored, options(budget));
    expect(trajectories.map(({ trajectory }) => trajectory)).toEqual(scored.map(({ trajectory }) => trajectory));
    for (const { trajectory, oldLogProbs } of trajectories) {
      const { tokens, targets, statePositions } = policyText(trajectory);
      const rows = nextProbabilities(
        policy,
        statePositions.map((position) => tokens.slice(0, position + 1)),
      );
      expect(oldLogProbs.length).toBe(targets.length);
      for (const [t, target] of targets.entries()) {
        expect(oldLogProbs[t]).toBeCloseTo(Math.log(rows[t]?.[target] ?? 0), 5);
      }
    }
    expect(samplerDifference?.tokens).toBe(18);
    expect(samplerDifference?.largest).toBeLessThan(1e-5);
  }
});

test("at temperature 2 the logits are halved", () => {
  using policy = tinyDecoder();
  const scored = sampleRollouts(policy, { questions: 1, groupSize: 1, step: 0 });
  const { trajectories } = evaluateTokens({ policy }, scored, options(20, { temperature: 2 }));
  const [row] = nextProbabilities(policy, [[1, 2, 3]]);
  const flat = (row ?? []).map(Math.sqrt);
  const [token = 0] = policyText(trajectories[0]?.trajectory ?? fail()).targets;
  const expected = Math.log((flat[token] ?? 0) / flat.reduce((sum, value) => sum + value, 0));
  expect(trajectories[0]?.oldLogProbs[0]).toBeCloseTo(expected, 5);
});

test("recorded log-probabilities are taken as they are, and a few are checked", () => {
  using policy = tinyDecoder();
  const scored = sampleRollouts(policy, { questions: 4, groupSize: 8, step: 0 });
  const { trajectories, samplerDifference } = evaluateTokens(
    { policy },
    scored,
    options(50, { oldLogProbs: "recorded" }),
  );
  expect([...(trajectories[5]?.oldLogProbs ?? [])]).toEqual(recordedOf(scored[5]));
  expect(samplerDifference?.tokens).toBe(8 * 3);
  expect(samplerDifference?.kl).toBeLessThan(1e-9);
  expect(trajectories[0]).not.toHaveProperty("referenceLogProbs");
  expect(trajectories[0]).not.toHaveProperty("values");
});

test("a sampler that is another model is found out", () => {
  using sampler = tinyDecoder(1);
  using policy = tinyDecoder(2);
  const scored = sampleRollouts(sampler, { questions: 2, groupSize: 4, step: 0 });
  const { samplerDifference } = evaluateTokens({ policy }, scored, options(50, { oldLogProbs: "recorded" }));
  expect(samplerDifference?.kl).toBeGreaterThan(0.1);
});

test("a check that is not wanted is not made", () => {
  using policy = tinyDecoder();
  const scored = sampleRollouts(policy, { questions: 1, groupSize: 2, step: 0 });
  const evaluation = evaluateTokens(
    { policy },
    scored,
    options(50, { oldLogProbs: "recorded", checksRecorded: false }),
  );
  expect(evaluation.samplerDifference).toBeUndefined();
});

test("reference and values come with their models; a fresh critic says 0 and takes nothing from the policy", () => {
  using policy = tinyDecoder();
  using reference = tinyDecoder(5);
  using critic = new Critic(policy);
  const scored = sampleRollouts(policy, { questions: 1, groupSize: 2, step: 0 });
  const { trajectories } = evaluateTokens({ policy, reference, critic }, scored, options());
  const other = evaluateTokens({ policy: reference }, scored, options()).trajectories;
  expect([...(trajectories[1]?.referenceLogProbs ?? [])]).toEqual([...(other[1]?.oldLogProbs ?? [])]);
  expect([...(trajectories[1]?.values ?? [])]).toEqual([0, 0, 0]);
});

test("rollouts that failed or hold no policy token are left out", () => {
  using policy = tinyDecoder();
  const good = sampleRollouts(policy, { questions: 1, groupSize: 1, step: 0 });
  const failed = scoredRollout({
    question: 1,
    sample: 0,
    reward: 0,
    segments: [action([9], [-1])],
    stopReason: "search-failed",
  });
  const silent = scoredRollout({ question: 2, sample: 0, reward: 0, segments: [] });
  expect(evaluateTokens({ policy }, [failed, ...good, silent], options()).trajectories.length).toBe(1);
  expect(evaluateTokens({ policy }, [failed, silent], options())).toEqual({ trajectories: [] });
});

function recordedOf(scored: ScoredTrajectory | undefined): number[] {
  return (scored?.trajectory.segments ?? []).flatMap((segment) =>
    segment.kind === "action" ? [...segment.fullLogProbs] : [],
  );
}

function fail(): never {
  throw new Error("the evaluation is empty");
}
