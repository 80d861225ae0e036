/**
 * Fine-tuning: a model learns the completions of prompts, whatever they are for. It tunes simulators (paper §3.3, method
 * §9) and cold starts. A run that is stopped or killed goes on from its last checkpoint to the same weights, bit for bit.
 */
import { existsSync, renameSync, rmSync } from "node:fs";
import { RunError } from "../core/errors.ts";
import { readCheckpointState } from "../run/checkpoint.ts";
import { bestStep, type GoodCheckpoint } from "../run/checkpoint-store.ts";
import { onFile } from "../run/file-failure.ts";
import { Run } from "../run/run.ts";
import { versions } from "../run/versions.ts";
import { planBatches } from "./batch-plan.ts";
import type { FineTuneConfig } from "./fine-tune-config.ts";
import { type FineTuneData, loadFineTuneData } from "./fine-tune-data.ts";
import { type FineTuneOptions, FineTuneSession, type FineTuneState } from "./fine-tune-session.ts";
import { FineTunedModel, fineTuneTokenizer } from "./fine-tuned-model.ts";

export interface FineTuneResult {
  /** Updates done, those before a resume included. */
  readonly step: number;
  readonly totalSteps: number;
  /** `stopped` can be resumed. */
  readonly outcome: "finished" | "stopped";
  /** The model as it was after the last step; undefined where that was not reached. */
  readonly model?: string;
  /** The checkpoint of the least validation loss, if there is validation. */
  readonly bestStep?: number;
  /** The last that was measured by this process. */
  readonly validationLoss?: number;
}

/**
 * Learns to the end, or until told to stop; then everything is saved.
 *
 * @throws {ConfigError} @throws {DataError} @throws {ModelFileError} before any work, what the configuration asks for
 *   can't be had
 * @throws {RunError} the run's folder can't be used, was begun with other data, too many updates came to no number, or
 *   saving failed
 */
export async function fineTune(config: FineTuneConfig, options: FineTuneOptions): Promise<FineTuneResult> {
  const tokenizer = fineTuneTokenizer(config);
  const data = await loadFineTuneData(config, tokenizer);
  const plan = planBatches(
    data.train.map(({ tokens }) => tokens.length),
    { ...config, length: lengthOf(config) },
  );
  const { path, resume } = options;
  using run = new Run({ path, resume, config, seed: config.seed, versions: versions() });
  for (const problem of run.problems) options.onNote?.(problem);
  const saved = run.lastCheckpoint && readState(run.lastCheckpoint, data, path);
  using model = new FineTunedModel(config, tokenizer, saved);
  const session = new FineTuneSession({ config, data, plan, run, model }, options);
  const step = await session.run();
  const isFinished = step === plan.length;
  const folder = run.directory.file("model");
  if (isFinished && !existsSync(folder)) saveFinished(model, folder);
  const best = bestStep(run.directory.file("checkpoints"));
  return {
    step,
    totalSteps: plan.length,
    outcome: isFinished ? "finished" : "stopped",
    ...(isFinished && { model: folder }),
    ...(best !== undefined && { bestStep: best }),
    ...(session.validationLoss !== undefined && { validationLoss: session.validationLoss }),
  };
}

export function lengthOf({ epochs, steps }: FineTuneConfig): { readonly epochs: number } | { readonly steps: number } {
  return steps === undefined ? { epochs: epochs ?? 1 } : { steps };
}

function readState(
  { path: folder }: GoodCheckpoint,
  { fingerprint }: FineTuneData,
  run: string,
): { readonly folder: string; readonly optimizerSteps: number } {
  const { optimizerSteps, dataFingerprint } = readCheckpointState(folder) as FineTuneState;
  if (dataFingerprint === fingerprint) return { folder, optimizerSteps };
  throw new RunError(
    `the records that ${run} learns from are not those that it was begun with: a data file or the tokenizer has ` +
      "changed. Restore it, or begin a new run under another name.",
  );
}

/** The folder appears under its name when all of it is there. */
function saveFinished(model: FineTunedModel, folder: string): void {
  const staged = `${folder}.saving`;
  onFile("can't save the model", folder, () => {
    rmSync(staged, { recursive: true, force: true });
    model.save(staged);
    renameSync(staged, folder);
  });
}
