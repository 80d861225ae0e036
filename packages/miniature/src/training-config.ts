/**
 * The quick start as a configuration: what `zerosearch train` is told, and nothing else. The recipe was found on the
 * development split (docs/log.md); the test split is looked at before the first step and after the last only.
 */
import type { AlgorithmName, TrainConfig } from "@zerosearch/zerosearch";
import { applyOverrides, parseConfig, trainConfigSchema } from "@zerosearch/zerosearch";
import { modelFolder } from "./models/folders.ts";
import { AGENT_PROMPT, PAGE_TOKENS, ROLLOUT_LIMITS, SIMULATOR_PROMPTS, SIMULATOR_TEMPERATURE } from "./recipe.ts";
import type { PreparedWorld } from "./world/prepare-world.ts";

/** By which name the miniature's gate is known to configurations. */
export const GATE_NAME = "miniature";

export interface QuickStartChoices {
  readonly seed: number;
  readonly steps: number;
  readonly algorithm: AlgorithmName;
  /** What the policy searches in training. */
  readonly search: "simulated" | "real";
}

export const QUICK_START: QuickStartChoices = { seed: 0, steps: 50, algorithm: "grpo", search: "simulated" };

/** Questions of each evaluation of the test split; half of one hop, half of two. */
const TEST_QUESTIONS = 300;
/** Of the watchdog's evaluations on the development split, while training. */
const WATCHED_QUESTIONS = 100;
const KEPT_TRAJECTORIES = 300;

/**
 * The configuration of a run in the miniature world.
 *
 * @param changes  further settings by dotted name, such as `search.gate`, for experiments
 * @throws {ConfigError} a choice is out of range
 */
export function trainingConfig(
  world: PreparedWorld,
  choices: QuickStartChoices = QUICK_START,
  changes: Readonly<Record<string, unknown>> = {},
): TrainConfig {
  const { seed, steps, algorithm, search } = choices;
  const real = { engine: "local", index: world.index };
  const simulated = {
    engine: "simulator",
    model: { kind: "folder", path: modelFolder("simulator") },
    prompt: SIMULATOR_PROMPTS,
    temperature: SIMULATOR_TEMPERATURE,
    maxTokens: PAGE_TOKENS,
    gate: GATE_NAME,
  };
  const test = { files: [world.test], maxQuestions: TEST_QUESTIONS, temperatures: [0, 1] };
  const config = {
    seed,
    algorithm,
    objective: { klCoefficient: 1e-3, entropyCoefficient: 0 },
    model: { path: modelFolder("policy"), prompt: AGENT_PROMPT, maxSequences: 256 },
    data: { files: [world.train] },
    search: search === "real" ? real : simulated,
    noise: { kind: "exponential", start: 0, end: 0.25 }, // as the paper for its smallest models
    steps,
    questionsPerStep: 24,
    groupSize: 8,
    limits: ROLLOUT_LIMITS,
    actor: {
      ...{ lr: 1e-3, warmupSteps: 5, decay: "linear", holdShare: 0.3, finalShare: 0.3 },
      ...{ beta1: 0.9, beta2: 0.95, weightDecay: 0 },
    },
    critic: { lr: 1e-3, warmupSteps: 5, beta2: 0.95, weightDecay: 0 },
    evaluations: [
      { name: "real", search: real, keptTrajectories: KEPT_TRAJECTORIES, ...test },
      { name: "simulated", search: simulated, ...test },
      {
        name: "development",
        ...{ files: [world.development], search: real, maxQuestions: WATCHED_QUESTIONS, every: 10, isWatched: true },
      },
    ],
    save: { every: 10, keepLast: 2 },
  };
  const overrides = Object.entries(changes).map(([name, value]) => `--${name}=${JSON.stringify(value)}`);
  return parseConfig(trainConfigSchema, applyOverrides(config, overrides), "the miniature's configuration");
}
