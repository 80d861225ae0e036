/** What a run has seen so far, read back from its logs on resume: for progress, schedules and the watchdog. */
import { existsSync } from "node:fs";
import { readEvaluations } from "../run/evaluation-log.ts";
import { readMetrics } from "../run/metrics-log.ts";
import type { Run } from "../run/run.ts";
import type { EvaluationLine } from "../run/run-files.ts";
import { exploitsSimulator, leaksNoise, leaksUndeserved, outrunsEngine, type WatchedMoment } from "./watchdog.ts";

/** Of all rollouts: flat groups that were passed over are part of how well the policy does. */
const REWARD = "train/reward";
const F1 = "train/f1";
/** What a schedule by success follows. */
const SUCCESS = "train/exact_match";
const STEP_TIME = "timing_s/step";
/** Steps whose times tell the time left. */
const TIMED_STEPS = 9;

export class RunHistory {
  /** Mean reward of every step; NaN where nothing was scored. */
  readonly rewards: number[] = [];
  /** Of the last steps. */
  readonly stepMs: number[] = [];
  readonly #f1s: number[] = [];
  readonly #evaluations: EvaluationLine[] = [];
  #successRate = 0;

  /** @throws {RunError} a log is damaged */
  static async read({ directory }: Run): Promise<RunHistory> {
    const history = new RunHistory();
    const [metrics, evaluations] = [directory.file("metrics"), directory.file("evaluations")];
    if (existsSync(metrics)) {
      for await (const line of readMetrics(metrics)) history.addStep(line.step, line.metrics);
    }
    if (existsSync(evaluations)) {
      for await (const line of readEvaluations(evaluations)) history.addEvaluation(line);
    }
    return history;
  }

  /** The last step's share of exact matches; 0 before the first. */
  get successRate(): number {
    return this.#successRate;
  }

  addStep(step: number, metrics: Readonly<Record<string, number>>): void {
    this.rewards[step - 1] = metrics[REWARD] ?? Number.NaN;
    this.#f1s[step - 1] = metrics[F1] ?? Number.NaN;
    this.stepMs.push(1000 * (metrics[STEP_TIME] ?? 0));
    if (this.stepMs.length > TIMED_STEPS) this.stepMs.shift();
    this.#successRate = metrics[SUCCESS] ?? this.#successRate;
  }

  addEvaluation(line: EvaluationLine): void {
    this.#evaluations.push(line);
  }

  /** By which the best checkpoint is chosen: exact match of the first evaluation made at a step, if there was one. */
  scoreAt(step: number): number | undefined {
    return this.#evaluations.find((line) => line.step === step)?.measures?.exactMatch.value;
  }

  /**
   * What the watchdog has to say after a step.
   *
   * @param watched  names of evaluations
   */
  warnings(watched: readonly string[], step: number, metrics: Readonly<Record<string, number>>): string[] {
    const judged = watched.map((name) => {
      const moments = this.#momentsOf(name);
      if (moments.at(-1)?.step !== step) return undefined;
      return exploitsSimulator(name, moments) ?? outrunsEngine(name, moments);
    });
    return [...judged, leaksNoise(metrics), leaksUndeserved(metrics)].filter((warning) => warning !== undefined);
  }

  /**
   * An evaluation's lines at its first temperature, each with the means of the steps since the line before. Before
   * the first step it is that step's, whose rollouts the same policy played.
   */
  #momentsOf(name: string): WatchedMoment[] {
    const lines = this.#evaluations.filter((line) => line.name === name);
    const own = lines.filter(({ temperature }) => temperature === lines[0]?.temperature);
    return own.flatMap(({ step, measures }, i) => {
      const since = (values: readonly number[]): number =>
        mean(values.slice(own[i - 1]?.step ?? 0, Math.max(step, 1)).filter(Number.isFinite));
      if (!measures) return [];
      const { exactMatch, f1 } = measures;
      return [{ step, reward: since(this.rewards), trainedF1: since(this.#f1s), exactMatch, f1 }];
    });
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
