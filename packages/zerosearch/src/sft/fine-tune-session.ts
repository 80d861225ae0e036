/** The steps of fine-tuning: learn from a batch, record, and now and then measure and save. */
import { setImmediate } from "node:timers/promises";
import { writeCheckpointParts } from "../run/checkpoint.ts";
import type { Run, StepRecord } from "../run/run.ts";
import { NonFiniteGuard, type SkippedStep } from "../update/non-finite-guard.ts";
import { rateOfStep } from "../update/optimizer-config.ts";
import { TokenBudget } from "../update/token-budget.ts";
import type { PlannedBatch } from "./batch-plan.ts";
import type { FineTuneConfig } from "./fine-tune-config.ts";
import type { FineTuneData } from "./fine-tune-data.ts";
import { fineTuneStep } from "./fine-tune-step.ts";
import type { FineTuneProgress } from "./fine-tune-view.ts";
import type { FineTunedModel } from "./fine-tuned-model.ts";
import { validationLoss } from "./validation-loss.ts";

/** How a run is begun, watched and stopped: nothing that changes what it computes. */
export interface FineTuneOptions {
  /** The run's folder, such as `runs/simulator`. */
  readonly path: string;
  readonly resume: boolean;
  /** Asked after each step. */
  readonly stop?: { readonly isRequested: boolean };
  readonly onStep?: (progress: FineTuneProgress) => void;
  /** Told, in a sentence, of what should not be missed. */
  readonly onNote?: (note: string) => void;
}

/** In every checkpoint, besides the model. */
export interface FineTuneState {
  readonly optimizerSteps: number;
  readonly dataFingerprint: string;
}

interface SessionParts {
  readonly config: FineTuneConfig;
  readonly data: FineTuneData;
  /** One batch per step. */
  readonly plan: readonly PlannedBatch[];
  readonly run: Run;
  readonly model: FineTunedModel;
}

/** Steps whose times tell the time left. */
const TIMED_STEPS = 9;

/** One process's share of a run. */
export class FineTuneSession {
  readonly #parts: SessionParts;
  readonly #options: FineTuneOptions;
  readonly #budget: TokenBudget;
  readonly #guard: NonFiniteGuard;
  readonly #losses: number[] = [];
  readonly #stepMs: number[] = [];
  #step: number;
  #savedStep: number;
  #validation: FineTuneProgress["validation"];

  constructor(parts: SessionParts, options: FineTuneOptions) {
    const { tokensPerMicroBatch, mostSkippedInARow } = parts.config.update;
    this.#parts = parts;
    this.#options = options;
    this.#budget = new TokenBudget(tokensPerMicroBatch);
    this.#guard = new NonFiniteGuard(mostSkippedInARow);
    this.#step = parts.run.lastCheckpoint?.step ?? 0;
    this.#savedStep = this.#step;
  }

  /** The last that was measured. */
  get validationLoss(): number | undefined {
    return this.#validation?.loss;
  }

  /** @returns steps done when it ended or was stopped; all of them are saved */
  async run(): Promise<number> {
    const { config, plan, run } = this.#parts;
    const { stop } = this.#options;
    if (!run.lastCheckpoint) {
      const metrics = await this.#validate();
      if (this.#validation) run.record(0, { metrics, trajectories: [] });
    }
    for (const batch of plan.slice(this.#step)) {
      if (stop?.isRequested) break;
      const step = this.#step + 1;
      const isSaveDue = step % config.save.every === 0 || step === plan.length;
      await this.#takeStep(batch, isSaveDue || step % config.validateEvery === 0);
      if (isSaveDue) await this.#save();
    }
    if (this.#savedStep !== this.#step) await this.#save();
    return this.#step;
  }

  async #takeStep(batch: PlannedBatch, isValidated: boolean): Promise<void> {
    const { config, run } = this.#parts;
    const startedAt = performance.now();
    const { metrics, skipped } = this.#learn(this.#step + 1, batch);
    const seconds = (performance.now() - startedAt) / 1000;
    this.#step++;
    const validation = isValidated && !this.#guard.hasFailed ? await this.#validate() : {};
    const stepMs = performance.now() - startedAt;
    run.record(this.#step, {
      metrics: {
        ...metrics,
        ...validation,
        "perf/tokens_per_second": (metrics["train/tokens"] ?? 0) / seconds,
        "timing_s/step": stepMs / 1000,
      },
      trajectories: [],
      skipped,
    });
    this.#guard.throwIfTooMany();
    this.#losses.push(metrics["train/loss"] ?? Number.NaN);
    this.#stepMs.push(stepMs);
    this.#options.onStep?.({
      runName: run.directory.path,
      step: this.#step,
      totalSteps: this.#parts.plan.length,
      losses: this.#losses,
      ...(this.#validation && { validation: this.#validation }),
      learningRate: rateOfStep(config.optimizer, this.#step, this.#parts.plan.length),
      tokensPerSecond: (metrics["train/tokens"] ?? 0) / seconds,
      stepMs: this.#stepMs.slice(-TIMED_STEPS),
    });
    await setImmediate(); // signals are heard
  }

  #learn(step: number, { epoch, indices }: PlannedBatch): Pick<Required<StepRecord>, "metrics" | "skipped"> {
    const { config, data, plan, model } = this.#parts;
    const learningRate = rateOfStep(config.optimizer, step, plan.length);
    const halvingsBefore = this.#budget.halvings;
    const batch = indices.flatMap((index) => data.train[index] ?? []);
    const { loss, gradientNorm, tokenCount, microBatches, isSkipped } = fineTuneStep(
      model.decoder,
      model.optimizer,
      batch,
      {
        learningRate,
        maxGradientNorm: config.update.maxGradientNorm,
        numerics: model.decoder.numerics(config.numerics),
        checkpointLayers: config.update.checkpointLayers,
        budget: this.#budget,
      },
    );
    const skipped: SkippedStep[] = isSkipped
      ? [{ model: "policy", loss, gradientNorm, batch: { records: indices } }]
      : [];
    for (const each of skipped) {
      this.#options.onNote?.(`step ${step} was skipped: loss ${loss}, gradient norm ${gradientNorm}`);
      this.#guard.stepSkipped(each);
    }
    if (!isSkipped) this.#guard.stepTaken("policy");
    if (this.#budget.halvings > halvingsBefore) {
      this.#options.onNote?.(`step ${step}: memory ran out, from now on ${this.#budget.tokens} tokens at once`);
    }
    const metrics = {
      "train/loss": loss,
      "train/grad_norm": gradientNorm,
      "train/lr": learningRate,
      "train/epoch": epoch,
      "train/tokens": tokenCount,
      "train/skipped_steps": skipped.length,
      "train/micro_batches": microBatches,
    };
    return { metrics, skipped };
  }

  /** Metrics; none without records to measure by. */
  async #validate(): Promise<Record<string, number>> {
    const { config, data, model } = this.#parts;
    if (data.validation.length === 0) return {};
    const startedAt = performance.now();
    const loss = await validationLoss(model.decoder, data.validation, {
      numerics: model.decoder.numerics(config.numerics),
      tokensAtOnce: this.#budget.tokens,
    });
    this.#validation = { step: this.#step, loss };
    return { "val/loss": loss, "timing_s/validation": (performance.now() - startedAt) / 1000 };
  }

  async #save(): Promise<void> {
    const { config, data, run, model } = this.#parts;
    const state: FineTuneState = {
      optimizerSteps: model.optimizer.stepCount,
      dataFingerprint: data.fingerprint,
    };
    const { step, loss = Number.NaN } = this.#validation ?? {};
    await run.checkpoint(this.#step, {
      keepLast: config.save.keepLast,
      // The less loss, the better.
      ...(step === this.#step && Number.isFinite(loss) && { score: -loss }),
      write: (folder) => writeCheckpointParts(folder, { ...model.parts(), state }),
    });
    this.#savedStep = this.#step;
  }
}
