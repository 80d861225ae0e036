/**
 * Training: the loop of the paper (§3; arXiv 2505.04588, figure 2). Each step asks questions, lets the policy search the
 * simulator, scores its answers, and learns from them; noise grows by the curriculum. A run that is stopped or killed
 * goes on from its last checkpoint to the same end, bit for bit.
 */
import { readCheckpointState } from "../run/checkpoint.ts";
import { Run } from "../run/run.ts";
import type { RunOutcome } from "../run/trackers/tracker.ts";
import { versions } from "../run/versions.ts";
import { createTrackers } from "./create-trackers.ts";
import { RunHistory } from "./run-history.ts";
import type { TrainConfig } from "./train-config.ts";
import { type TrainOptions, type TrainResult, TrainSession, type TrainState } from "./train-session.ts";
import { type TrainWorld, withTrainWorld } from "./train-world.ts";
import { TrainingModels } from "./training-models.ts";

/** How long trackers may take to send what they have at the end. */
const TRACKER_TIMEOUT_MS = 10_000;

/**
 * Trains to the end, or until told to stop; then everything is saved.
 *
 * @throws {ConfigError} @throws {DataError} @throws {ModelFileError} before any work, what the configuration asks for
 *   can't be had
 * @throws {RunError} the run's folder can't be used, too many rollouts or updates failed, or saving failed
 */
export async function train(config: TrainConfig, options: TrainOptions): Promise<TrainResult> {
  return await withTrainWorld(config, options, (world) => trainIn(world, options));
}

/** With everything open that a run needs, but the run's folder and the models. */
async function trainIn(world: TrainWorld, options: TrainOptions): Promise<TrainResult> {
  const { config, algorithm } = world;
  const { path, resume } = options;
  using run = new Run({ path, resume, config, seed: config.seed, versions: versions() });
  for (const problem of run.problems) options.onNote?.(problem);
  const saved = run.lastCheckpoint && {
    step: run.lastCheckpoint.step,
    folder: run.lastCheckpoint.path,
    state: readCheckpointState(run.lastCheckpoint.path) as TrainState,
  };
  using models = new TrainingModels(config, algorithm, saved && { folder: saved.folder, state: saved.state.models });
  const trackers = createTrackers(config, run, options.environment);
  const history = await RunHistory.read(run);
  const session = new TrainSession({ ...world, run, models, trackers, history }, options, saved);
  let outcome: RunOutcome = "failed";
  try {
    const result = await session.run();
    outcome = result.outcome;
    return result;
  } finally {
    await Promise.all(trackers.map((tracker) => tracker.finish(outcome, TRACKER_TIMEOUT_MS)));
  }
}
