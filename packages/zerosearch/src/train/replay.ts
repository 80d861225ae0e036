/**
 * One rollout of a run, played again: the same question, weights and draws give the same tokens. Weights of the step are
 * those of its checkpoint, or are trained again from the nearest one before it, in a folder beside the run.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "../core/config-overrides.ts";
import { RunError } from "../core/errors.ts";
import { loadQuestions } from "../data/load-questions.ts";
import { loadAgent } from "../models/agent.ts";
import { createRolloutEngine, type RolloutEngineContext } from "../models/create-rollout-engine.ts";
import { rollout } from "../rollout/rollout.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import { checkpointModelFolder } from "../run/checkpoint.ts";
import { checkpointFolder, stepsIn } from "../run/checkpoint-store.ts";
import { readMetrics } from "../run/metrics-log.ts";
import { redact } from "../run/redact.ts";
import { RUN_FILES } from "../run/run-files.ts";
import { readTrajectories } from "../run/trajectory-log.ts";
import { noiseProbability } from "../search/simulator/curriculum.ts";
import { train } from "./train.ts";
import { type TrainConfig, trainConfigSchema } from "./train-config.ts";

/** Which rollout. */
export interface ReplayKey {
  readonly step: number;
  readonly questionId: string;
  readonly sample: number;
}

export interface Replay {
  readonly trajectory: Trajectory;
  /** As the run recorded it; undefined where its log has none, such as a rollout that failed. */
  readonly recorded: Trajectory | undefined;
  /** Whether both have the same tokens, in the same segments. */
  readonly isSame: boolean;
}

export interface ReplayOptions extends RolloutEngineContext {
  /** Told of the steps that are trained again, if any. */
  readonly onStep?: (step: number) => void;
}

/**
 * @param path  the run's folder, which is only read
 * @throws {RunError} the run has no such rollout, or nothing to begin from
 * @throws what training and searching throw
 */
export async function replay(path: string, key: ReplayKey, options: ReplayOptions = {}): Promise<Replay> {
  const config = readConfig(path);
  const { questions } = await loadQuestions(config.data.files, { skipInvalid: config.data.skipInvalid });
  const question = questions.find(({ id }) => id === key.questionId);
  if (!question) {
    throw new RunError(
      `the run's data hold no question ${JSON.stringify(key.questionId)}: see ids in trajectories.jsonl`,
    );
  }
  if (!(key.step >= 1 && key.step <= config.steps && key.sample >= 0 && key.sample < config.groupSize)) {
    throw new RunError(
      `the run has steps 1 to ${config.steps} and samples 0 to ${config.groupSize - 1}, got step ${key.step}, ` +
        `sample ${key.sample}`,
    );
  }
  using weights = await weightsBefore(path, config, key.step, options);
  using agent = loadAgent({ ...config.model, path: weights.folder });
  const search = await createRolloutEngine(config.search, options);
  try {
    const { seed, sampling, limits } = config;
    const noise = await noiseOf(path, config, key.step);
    const settings = { ...agent, search, seed, step: key.step, noise, sampling, limits };
    const trajectory = await rollout(question, { ...settings, sample: key.sample });
    const recorded = await find(join(path, RUN_FILES.trajectories), key);
    return { trajectory, recorded, isSame: recorded !== undefined && tokensOf(trajectory) === tokensOf(recorded) };
  } finally {
    await search.close?.();
  }
}

function readConfig(path: string): TrainConfig {
  const file = join(path, RUN_FILES.config);
  if (!existsSync(file)) throw new RunError(`${path} is no run folder: it has no ${RUN_FILES.config}`);
  return parseConfig(trainConfigSchema, JSON.parse(readFileSync(file, "utf8")), file);
}

/** A model folder, and what is thrown away with it. */
interface Weights extends Disposable {
  readonly folder: string;
}

/** The policy as it was before a step. */
async function weightsBefore(
  path: string,
  config: TrainConfig,
  step: number,
  options: ReplayOptions,
): Promise<Weights> {
  const root = join(path, RUN_FILES.checkpoints);
  const begin = stepsIn(root).findLast((saved) => saved < step);
  const keep = (folder: string): Weights => ({ folder, [Symbol.dispose]: () => {} });
  if (begin === step - 1) return keep(checkpointModelFolder(checkpointFolder(root, begin), "policy"));
  if (step === 1) return keep(config.model.path);
  const copy = mkdtempSync(`${path}.replay-`);
  const remove = (): void => rmSync(copy, { recursive: true });
  try {
    copyRun(path, copy, config, begin);
    const stop = { isRequested: false, signal: new AbortController().signal };
    const onStep = (state: { readonly step: number }): void => {
      stop.isRequested = state.step === step - 1;
      options.onStep?.(state.step);
    };
    const again = { ...options, path: copy, resume: begin !== undefined, stop, onStep };
    const { checkpoint } = await train(silent(config), again);
    return { folder: checkpointModelFolder(checkpoint, "policy"), [Symbol.dispose]: remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** As much of a run as training needs to go on from one of its checkpoints. */
function copyRun(from: string, to: string, config: TrainConfig, step: number | undefined): void {
  if (step === undefined) return;
  const { facts, metrics, trajectories, skippedUpdates, evaluations, evaluationTrajectories, checkpoints } = RUN_FILES;
  for (const name of [facts, metrics, trajectories, skippedUpdates, evaluations, evaluationTrajectories]) {
    if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name));
  }
  writeFileSync(join(to, RUN_FILES.config), JSON.stringify(redact(silent(config))));
  mkdirSync(join(to, checkpoints));
  const saved = checkpointFolder(join(from, checkpoints), step);
  cpSync(saved, checkpointFolder(join(to, checkpoints), step), { recursive: true });
}

/** Nothing is evaluated or shown elsewhere, which changes no weight. */
function silent(config: TrainConfig): TrainConfig {
  return { ...config, evaluations: [], trackers: { tensorboard: false } };
}

async function noiseOf(path: string, config: TrainConfig, step: number): Promise<number> {
  let successRate = 0;
  for await (const line of readMetrics(join(path, RUN_FILES.metrics))) {
    if (line.step < step) successRate = line.metrics["train/exact_match"] ?? successRate;
  }
  return noiseProbability(config.noise, step, config.steps, { successRate });
}

async function find(path: string, { step, questionId, sample }: ReplayKey): Promise<Trajectory | undefined> {
  for await (const line of readTrajectories(path)) {
    const { key } = line.record.trajectory;
    if (line.step === step && key.questionId === questionId && key.sample === sample) return line.record.trajectory;
  }
  return undefined;
}

/** Where documents are learned, the log has them as actions: kinds are not compared. */
function tokensOf({ segments }: Trajectory): string {
  return JSON.stringify(segments.map(({ tokens }) => tokens));
}
