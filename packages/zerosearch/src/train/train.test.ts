/** Training teaches to search, by each of the paper's algorithms; where its logic is broken it does not, and one sees it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { liveTensorCount, setThreads } from "@zerosearch/torch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { keyedUniform } from "../core/keyed-random.ts";
import { f1Reward } from "../reward/answer-rewards.ts";
import type { Reward } from "../reward/reward.ts";
import { readMetrics } from "../run/metrics-log.ts";
import { RUN_FILES } from "../run/run-files.ts";
import { type ToyWorld, toyConfig, writeToyWorld } from "./testing/toy-world.ts";
import { train } from "./train.ts";
import type { TrainConfig } from "./train-config.ts";

setThreads(1);

let folder = "";
let world: ToyWorld;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-train-"));
  world = await writeToyWorld(join(folder, "world"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const ALGORITHMS = ["grpo", "ppo", "reinforce"] as const;

function config(algorithm: (typeof ALGORITHMS)[number], objective: object = {}): TrainConfig {
  return toyConfig(world, { algorithm, objective });
}

interface Learned {
  /** Shares of right answers and of searches per rollout: in the first step, and in the mean of the last three. */
  readonly right: readonly [first: number, last: number];
  readonly searches: readonly [first: number, last: number];
}

async function learned(name: string, changed: TrainConfig, reward?: Reward): Promise<Learned> {
  const path = join(folder, name);
  const before = liveTensorCount();
  await train(changed, { path, resume: false, ...(reward && { reward }) });
  expect(liveTensorCount()).toBe(before);
  const steps: Readonly<Record<string, number>>[] = [];
  for await (const { metrics } of readMetrics(join(path, RUN_FILES.metrics))) steps.push(metrics);
  const ends = (metric: string): readonly [number, number] => {
    const values = steps.map((step) => step[metric] ?? Number.NaN);
    return [values[0] ?? Number.NaN, values.slice(-3).reduce((sum, value) => sum + value, 0) / 3];
  };
  return { right: ends("train/exact_match"), searches: ends("env/number_of_valid_search") };
}

/** What every test asks: did the share of right answers rise by so much? */
const rises = ({ right: [first, last] }: Learned): boolean => last > first + 0.3;

test.each(ALGORITHMS)("%s learns to search, and is right more often", async (algorithm) => {
  const result = await learned(algorithm, config(algorithm));
  expect(rises(result)).toBe(true);
  expect(result.searches[1]).toBeGreaterThan(result.searches[0] + 0.3);
});

test.each(ALGORITHMS)("%s learns with a KL that holds it back, not with one of the other sign", async (algorithm) => {
  const held = config(algorithm, { klCoefficient: 0.15, hasKlGradient: true });
  const flipped = { ...held, objective: { ...held.objective, klCoefficient: -0.15 } };
  expect(rises(await learned(`${algorithm}, KL`, held))).toBe(true);
  expect(rises(await learned(`${algorithm}, KL flipped`, flipped))).toBe(false);
});

test.each(["grpo", "reinforce"] as const)("%s does not learn where it learns what it only read", async (algorithm) => {
  const { update, ...rest } = config(algorithm);
  const unmasked = { ...rest, update: { ...update, learnsDocuments: true } };
  expect(rises(await learned(`${algorithm}, documents learned`, unmasked))).toBe(false);
});

test.each(ALGORITHMS)("%s does not learn from rewards of other rollouts", async (algorithm) => {
  const shuffled: Reward = (trajectory) => {
    const { seed, step, questionId, sample } = trajectory.key;
    return { ...f1Reward(trajectory), reward: Math.round(keyedUniform([seed, step, questionId, sample])) };
  };
  expect(rises(await learned(`${algorithm}, rewards shuffled`, config(algorithm), shuffled))).toBe(false);
});
