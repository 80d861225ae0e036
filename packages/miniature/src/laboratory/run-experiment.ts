/** One experiment with one seed: a training run like any other, in its own folder. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TrainOptions, type TrainResult, train } from "@zerosearch/zerosearch";
import { miniatureGate } from "../gate.ts";
import { GATE_NAME, QUICK_START, trainingConfig } from "../training-config.ts";
import { prepareWorld } from "../world/prepare-world.ts";
import type { Experiment } from "./experiments.ts";
import { weakSimulator } from "./weak-simulator.ts";

export interface ExperimentRun {
  /** Of all experiments. */
  readonly folder: string;
  readonly steps: number;
  readonly seed: number;
}

/** Where the run of an experiment lies. */
export function experimentFolder(folder: string, { name }: Experiment, seed: number): string {
  return join(folder, `${name}-seed-${seed}`);
}

/**
 * Trains, or goes on with a run that was interrupted.
 *
 * @throws what {@link train} throws
 */
export async function runExperiment(
  experiment: Experiment,
  { folder, steps, seed }: ExperimentRun,
  options: Pick<TrainOptions, "onStep" | "onNote" | "stop"> = {},
): Promise<TrainResult> {
  const world = await prepareWorld(join(folder, "world"));
  const simulator = experiment.hasWeakSimulator
    ? { "search.model.path": await weakSimulator(join(folder, "weak-simulator")) }
    : {};
  const choices = { ...QUICK_START, ...experiment.choices, steps, seed };
  const config = trainingConfig(world, choices, { ...experiment.settings, ...simulator });
  const path = experimentFolder(folder, experiment, seed);
  return await train(config, {
    ...options,
    path,
    resume: existsSync(path),
    gates: { [GATE_NAME]: miniatureGate },
  });
}
