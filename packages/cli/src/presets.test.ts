/** The files of configs/ against the paper and its scripts. The expected values were read there, not computed. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  ALGORITHMS,
  DATASETS,
  type EvaluationConfig,
  evaluationConfigSchema,
  type FineTuneConfig,
  fineTuneConfigSchema,
  noiseProbability,
  parseConfig,
  type TrainConfig,
  trainConfigSchema,
} from "@zerosearch/zerosearch";
import { describe, expect, test } from "vitest";

const FOLDER = fileURLToPath(new URL("../../../configs/", import.meta.url));
const NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => name.slice(0, -".json".length));

function read(name: string): object {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8"));
}

type AnyConfig = TrainConfig | FineTuneConfig | EvaluationConfig;

/** By the command that takes it, which the name begins with. */
function schemaOf(name: string): Parameters<typeof parseConfig<AnyConfig>>[0] {
  if (name.startsWith("sft-")) return fineTuneConfigSchema;
  return name.startsWith("eval-") ? evaluationConfigSchema : trainConfigSchema;
}

const trainConfig = (name: string): TrainConfig => parseConfig(trainConfigSchema, read(name), name);

/** Paper, appendix F: noise from p_s to p_e, by model; at step 101 of 203 a third of it is reached (base 4). */
const MODELS = {
  "qwen2.5-3b": { folder: "models/Qwen2.5-3B", noise: [0, 0.25], atHalf: 0.0828 },
  "qwen2.5-7b": { folder: "models/Qwen2.5-7B", noise: [0, 0.75], atHalf: 0.2483 },
  "llama-3.2-3b": { folder: "models/Llama-3.2-3B", noise: [0.25, 0.5], atHalf: 0.3328 },
} as const;

/** Scripts train_grpo.sh, train_reinforce.sh, train_ppo.sh: warm-up of .95, .95 and .285 of 203 steps; the critic's .015. */
const WARMUPS = {
  grpo: { actor: 192, critic: 0 },
  reinforce: { actor: 192, critic: 0 },
  ppo: { actor: 57, critic: 3 },
} as const;

const RUNS = (Object.keys(WARMUPS) as (keyof typeof WARMUPS)[]).flatMap((algorithm) =>
  (Object.keys(MODELS) as (keyof typeof MODELS)[]).map((model) => ({
    name: `${algorithm}-${model}`,
    algorithm,
    model,
  })),
);

test("every file is a configuration of its command", () => {
  for (const name of NAMES) expect(parseConfig(schemaOf(name), read(name), name)).toBeDefined();
});

test("data lies where `zerosearch data download --cache data` puts it", () => {
  const places = DATASETS.map(({ repository, file }) => `data/datasets/${repository}/main/${file}`);
  for (const name of NAMES.filter((each) => !each.startsWith("eval-"))) {
    const { data } = parseConfig(schemaOf(name), read(name), name);
    expect(places, name).toEqual(expect.arrayContaining([...data.files]));
  }
});

describe("the paper's runs", () => {
  test("are all there", () => {
    expect(NAMES).toEqual(expect.arrayContaining(RUNS.map(({ name }) => name)));
  });

  test.each(RUNS)("$name: model, noise and warm-up", ({ name, algorithm, model }) => {
    const config = trainConfig(name);
    const { folder, noise, atHalf } = MODELS[model];
    expect(config.algorithm).toBe(algorithm);
    expect(config.model).toMatchObject({ path: folder, dtype: "bfloat16", device: "cuda" });
    expect(config.noise).toEqual({ kind: "exponential", start: noise[0], end: noise[1], base: 4 });
    expect(noiseProbability(config.noise, 101, config.steps)).toBeCloseTo(atHalf, 4);
    expect(config.actor.warmupSteps).toBe(WARMUPS[algorithm].actor);
    expect(config.critic.warmupSteps).toBe(WARMUPS[algorithm].critic);
  });

  test.each(RUNS)("$name: what all scripts have in common", ({ name }) => {
    const config = trainConfig(name);
    expect(config).toMatchObject({
      steps: 203,
      questionsPerStep: 64,
      groupSize: 5,
      reward: "f1",
      limits: { maxTurns: 5, topK: 5, maxTurnTokens: 500, maxObservationTokens: 2048 },
      actor: { lr: 1e-6, decay: "constant", beta1: 0.9, beta2: 0.999, weightDecay: 0.01 },
      critic: { lr: 1e-5, decay: "constant", onlySteps: 0 },
      update: { epochs: 1, miniBatches: 2, maxGradientNorm: 1, checkpointLayers: true, tokensPerMicroBatch: 16_384 },
      save: { every: 50 },
    });
    expect(config.sampling.temperature).toBe(1);
    expect(config.search).toMatchObject({
      engine: "simulator",
      model: { kind: "endpoint", urls: ["http://127.0.0.1:6001/v1"], model: "" },
      prompt: "tuned",
      temperature: 0.8,
      maxTokens: 600,
    });
  });

  test.each([
    ["grpo", { place: "loss", estimator: "k3", coefficient: 0.001 }, false],
    ["reinforce", { place: "loss", estimator: "k3", coefficient: 0.001 }, false],
    ["ppo", { place: "reward", estimator: "k1", coefficient: 0.001 }, true],
  ] as const)("%s is the scripts' own", (name, kl, hasCritic) => {
    expect(ALGORITHMS[name]).toMatchObject({
      kl,
      hasCritic,
      policyLoss: { kind: "clipped", clipBelow: 0.2, clipAbove: 0.2 },
      entropyCoefficient: 0.001,
      valueClip: 0.5,
      discounting: { discount: 1, lambda: 1 },
    });
    const objectives = RUNS.filter(({ algorithm }) => algorithm === name).map((run) => trainConfig(run.name).objective);
    for (const { klController, mostRounds, ...changed } of objectives) {
      expect(klController).toEqual({ kind: "fixed" });
      expect(changed).toEqual({});
    }
  });
});

test("the simulator is tuned as its authors say: 1,000 steps at 1e-6", () => {
  expect(parseConfig(fineTuneConfigSchema, read("sft-simulator-14b"), "sft")).toMatchObject({
    model: { path: "models/Qwen2.5-14B-Instruct", weights: "load" },
    steps: 1000,
    optimizer: { lr: 1e-6, beta1: 0.9, beta2: 0.999 },
  });
});

test("the evaluation is the paper's: 500 questions of each of seven sets, five documents of Google; greedy, as it was meant", () => {
  const config = parseConfig(evaluationConfigSchema, read("eval-google"), "eval");
  expect(config).toMatchObject({
    baseline: "search-agent",
    search: { engine: "serpapi" },
    maxQuestions: 500,
    limits: { topK: 5 },
    temperature: 0,
  });
  expect(config.data.benchmarks).toHaveLength(7);
});

/** A default that is said all the same, because the file is about it. */
const SAID = new Set(["algorithm"]);

test.each(NAMES)("%s says nothing that the defaults say", (name) => {
  const whole = parseConfig(schemaOf(name), read(name), name);
  const repeated = leavesOf(read(name)).filter((path) => {
    const parsed = schemaOf(name).safeParse(without(read(name), path));
    return parsed.success && JSON.stringify(parsed.data) === JSON.stringify(whole) && !SAID.has(path.join("."));
  });
  expect(repeated).toEqual([]);
});

function leavesOf(value: object, path: readonly string[] = []): string[][] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const isObject = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    return isObject ? leavesOf(inner, [...path, key]) : [[...path, key]];
  });
}

function without(value: object, [key = "", ...rest]: readonly string[]): object {
  const copy: Record<string, unknown> = { ...value };
  if (rest.length === 0) delete copy[key];
  else copy[key] = without(copy[key] as object, rest);
  return copy;
}
