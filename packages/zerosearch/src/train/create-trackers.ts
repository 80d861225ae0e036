/** Where a run is shown besides its own files. Keys come from the environment. */
import { basename } from "node:path";
import { type Environment, processEnvironment } from "../core/environment.ts";
import { ConfigError } from "../core/errors.ts";
import type { Run } from "../run/run.ts";
import { BackgroundTracker } from "../run/trackers/background-tracker.ts";
import { MlflowTracker } from "../run/trackers/mlflow.ts";
import { TensorboardTracker } from "../run/trackers/tensorboard.ts";
import type { Tracker } from "../run/trackers/tracker.ts";
import { WandbTracker } from "../run/trackers/wandb.ts";
import type { TrainConfig } from "./train-config.ts";

const WANDB_KEY = "WANDB_API_KEY";

/** @throws {ConfigError} a key is missing: before any work starts */
export function checkTrackers(
  { wandb }: TrainConfig["trackers"],
  environment: Environment = processEnvironment(),
): void {
  if (wandb && !environment[WANDB_KEY]) {
    throw new ConfigError(`trackers.wandb needs a key: set the environment variable ${WANDB_KEY}, or leave it out.`);
  }
}

export function createTrackers(
  config: TrainConfig,
  { directory, lastCheckpoint }: Run,
  environment: Environment = processEnvironment(),
): BackgroundTracker[] {
  const { tensorboard, wandb, mlflow } = config.trackers;
  const tracked = { id: directory.facts.id, name: basename(directory.path), config };
  const trackers: Tracker[] = [];
  if (tensorboard)
    trackers.push(
      new TensorboardTracker({ folder: directory.file("tensorboard"), resumedStep: lastCheckpoint?.step ?? 0 }),
    );
  if (wandb) {
    trackers.push(
      new WandbTracker({
        apiKey: environment[WANDB_KEY] ?? "",
        run: { ...tracked, project: wandb.project },
        ...(wandb.entity !== undefined && { entity: wandb.entity }),
      }),
    );
  }
  if (mlflow) {
    trackers.push(new MlflowTracker({ run: { ...tracked, project: mlflow.experiment }, baseUrl: mlflow.url }));
  }
  return trackers.map((tracker) => new BackgroundTracker(tracker));
}
