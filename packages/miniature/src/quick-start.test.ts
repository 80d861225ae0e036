/**
 * The quick start, shortened: does a policy that learns from the simulator alone answer with the real engine, about names
 * it has never seen? And would this test notice if learning were broken?
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setBlasThreads, setThreads } from "@zerosearch/torch";
import {
  f1Reward,
  keyedUniform,
  readEvaluations,
  readMetrics,
  type TrainConfig,
  type TrainOptions,
  train,
} from "@zerosearch/zerosearch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { miniatureGate } from "./gate.ts";
import { GATE_NAME, QUICK_START, trainingConfig } from "./training-config.ts";
import { type PreparedWorld, prepareWorld } from "./world/prepare-world.ts";

setThreads(1);
setBlasThreads(1);

const STEPS = 16;
/** Exact match on the real engine at temperature 1 must rise by so much; the cold start has less than 0.05. */
const LEAST_GAIN = 0.2;
/** Mean KL per token, to which a policy that is held to its start may have gone. */
const MOST_KL = 0.5;

const folder = mkdtempSync(join(tmpdir(), "zerosearch-quick-start-"));
let world: PreparedWorld;
beforeAll(async () => {
  world = await prepareWorld(join(folder, "world"));
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Learned {
  /** By how much exact match on the real engine rose: test split, temperature 1. */
  readonly gain: number;
  /** From the start, in the last step. */
  readonly kl: number;
}

const hasLearned = ({ gain, kl }: Learned): boolean => gain >= LEAST_GAIN && kl <= MOST_KL;

async function learn(
  name: string,
  change: (config: TrainConfig) => TrainConfig = (config) => config,
  options: Pick<TrainOptions, "reward"> = {},
): Promise<Learned> {
  const real = { engine: "local", index: world.index };
  const evaluation = { name: "real", files: [world.test], search: real, temperatures: [1] };
  // As in the quick start, but that KL weighs enough for its sign to matter.
  const settings = { evaluations: [evaluation], "objective.klCoefficient": 0.05 };
  const config = change(trainingConfig(world, { ...QUICK_START, steps: STEPS }, settings));
  const path = join(folder, name);
  await train(config, { ...options, path, resume: false, gates: { [GATE_NAME]: miniatureGate } });
  const scores: number[] = [];
  for await (const { measures } of readEvaluations(join(path, "evaluations.jsonl"))) {
    scores.push(measures?.exactMatch.value ?? Number.NaN);
  }
  let kl = Number.NaN;
  for await (const { metrics } of readMetrics(join(path, "metrics.jsonl"))) kl = metrics["critic/kl"] ?? Number.NaN;
  return { gain: (scores.at(-1) ?? Number.NaN) - (scores[0] ?? Number.NaN), kl };
}

test("what is learned from the simulator holds on the real engine", async () => {
  expect(await learn("as-it-is")).toSatisfy(hasLearned);
});

test("with rewards that are drawn by lot nothing is learned", async () => {
  const byLot: TrainOptions["reward"] = async (trajectory) => {
    const { seed, step, questionId, sample } = trajectory.key;
    const { measures } = await f1Reward(trajectory);
    return { reward: Math.round(keyedUniform([seed, step, questionId, sample, "lot"])), measures };
  };
  expect(await learn("by-lot", (config) => config, { reward: byLot })).not.toSatisfy(hasLearned);
});

test("with the sign of KL turned it runs away from what it could", async () => {
  const turned = (config: TrainConfig): TrainConfig => ({
    ...config,
    objective: { ...config.objective, klCoefficient: -(config.objective.klCoefficient ?? 0) },
  });
  expect(await learn("turned", turned)).not.toSatisfy(hasLearned);
});

test("with documents learned like its own words it learns to write documents", async () => {
  const unmasked = (config: TrainConfig): TrainConfig => ({
    ...config,
    update: { ...config.update, learnsDocuments: true },
  });
  expect(await learn("unmasked", unmasked)).not.toSatisfy(hasLearned);
});
