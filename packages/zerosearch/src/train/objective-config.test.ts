import { expect, test } from "vitest";
import { parseConfig } from "../core/config-overrides.ts";
import { ALGORITHMS, type Algorithm, type AlgorithmName } from "../update/algorithms.ts";
import { configuredAlgorithm, objectiveConfigSchema } from "./objective-config.ts";

const configured = (name: AlgorithmName, objective: object): Algorithm =>
  configuredAlgorithm(name, parseConfig(objectiveConfigSchema, objective, "objective"));

test.each(Object.keys(ALGORITHMS) as AlgorithmName[])("%s, nothing changed, is its row", (name) => {
  expect(configured(name, {})).toEqual(ALGORITHMS[name]);
});

test("every setting changes its field, and no other", () => {
  const { grpo } = ALGORITHMS;
  expect(
    configured("grpo", { klCoefficient: 0.5, klEstimator: "k2", klPlace: "reward", hasKlGradient: true }).kl,
  ).toEqual({
    place: "reward",
    estimator: "k2",
    hasKlGradient: true,
    coefficient: 0.5,
  });
  expect(configured("grpo", { klCoefficient: 0 })).toEqual({ ...grpo, kl: { ...grpo.kl, coefficient: 0 } });
  expect(configured("grpo", { clipAbove: 0.3, dualClip: 3 })).toEqual({
    ...grpo,
    policyLoss: { kind: "clipped", clipBelow: 0.2, clipAbove: 0.3, dualClip: 3 },
  });
  expect(configured("ppo", { lambda: 0.9, discount: 0.99, valueClip: 0.2 })).toEqual({
    ...ALGORITHMS.ppo,
    discounting: { lambda: 0.9, discount: 0.99 },
    valueClip: 0.2,
  });
  expect(
    configured("grpo", { lossMean: { kind: "sequence" }, entropyCoefficient: 0, drawsFlatGroupsAgain: true }),
  ).toEqual({ ...grpo, lossMean: { kind: "sequence" }, entropyCoefficient: 0, drawsFlatGroupsAgain: true });
});

test("DAPO is GRPO with its four changes", () => {
  expect(
    configured("grpo", { klCoefficient: 0, clipAbove: 0.28, entropyCoefficient: 0, drawsFlatGroupsAgain: true }),
  ).toEqual({ ...ALGORITHMS.dapo, name: "grpo" });
});

test("an adaptive controller needs a KL to control", () => {
  const klController = { kind: "adaptive", target: 0.1, horizon: 100 };
  expect(() => configured("dapo", { klController })).toThrow(/the KL coefficient of dapo is 0/);
  expect(configured("dapo", { klController, klCoefficient: 0.1 }).kl.coefficient).toBe(0.1);
});

test.each([
  ["a negative KL", { klCoefficient: -0.1 }, /klCoefficient is -0\.1/],
  ["a dual clip that would clip everything", { dualClip: 1 }, /dualClip is 1/],
  [
    "a controller without target",
    { klController: { kind: "adaptive", horizon: 1 } },
    /klController\.target is missing/,
  ],
  ["an unknown name", { klCoeficient: 1 }, /klCoeficient is no setting; did you mean klCoefficient\?/],
])("%s is refused", (_, objective, message) => {
  expect(() => configured("grpo", objective)).toThrow(message);
});
