/** A run folder as training would leave it, written by the real writers, with made-up numbers. */
import { keyedUniform } from "../../../core/keyed-random.ts";
import { evaluationSummary } from "../../../reward/evaluation-summary.ts";
import { noiseProbability } from "../../../search/simulator/curriculum.ts";
import { shareOf } from "../../../search/simulator/simulation-statistics.ts";
import { Run } from "../../run.ts";
import { versions } from "../../versions.ts";
import { METRIC } from "../metric-names.ts";
import { madeQuestion, madeRecord } from "./made-trajectory.ts";

export interface MadeRunOptions {
  readonly steps: number;
  /** As many by default. */
  readonly plannedSteps?: number;
  /** Whether training searches a simulator. Default true. */
  readonly isSimulated?: boolean;
  /** Names of evaluations, `real` on an index and all others on the simulator. */
  readonly evaluations?: readonly string[];
  /** Of each evaluation. */
  readonly questions?: number;
  /** Steps between two evaluations besides the first and the last. */
  readonly every?: number;
  /** Added to the metrics of the last step. */
  readonly lastMetrics?: Readonly<Record<string, number>>;
}

/** The same options make the same run, but for its id, times and versions. */
export function writeMadeRun(folder: string, options: MadeRunOptions): void {
  const { steps, plannedSteps = steps, isSimulated = true, evaluations = ["real", "simulated"] } = options;
  using run = new Run({
    path: folder,
    config: configOf(plannedSteps, isSimulated),
    resume: false,
    seed: 7,
    versions: versions(),
  });
  const { questions = 20, every = steps } = options;
  for (let step = 0; step <= steps; step++) {
    if (step > 0) {
      const more = step === steps ? options.lastMetrics : undefined;
      run.record(step, {
        metrics: { ...metricsOf(step, steps, isSimulated), ...more },
        trajectories: group(step, steps, isSimulated),
      });
    }
    if (step % every !== 0 && step !== steps) continue;
    for (const name of evaluations) {
      for (const temperature of [0, 1]) evaluate(run, { step, steps, name, temperature, questions });
    }
  }
}

function configOf(steps: number, isSimulated: boolean): object {
  return {
    algorithm: "grpo",
    steps,
    questionsPerStep: 24,
    groupSize: 8,
    reward: "f1",
    model: { path: "models/policy" },
    search: isSimulated
      ? { engine: "simulator", model: { kind: "folder", path: "models/simulator" } }
      : { engine: "local", index: "world/train.index" },
  };
}

/** How good the policy is by now, in [0, 1], quick at first. */
const skill = (step: number, steps: number): number => 1 - Math.exp((-3 * step) / steps);

/** Around a value, by at most as much. */
const around = (value: number, spread: number, key: readonly (string | number)[]): number =>
  value + spread * (2 * keyedUniform([...key, "made"]) - 1);

function metricsOf(step: number, steps: number, isSimulated: boolean): Record<string, number> {
  const learned = skill(step, steps);
  const near = (name: string, value: number, spread: number) => around(value, spread, [name, step]);
  const generation = near("gen", 1.6 + 0.4 * learned, 0.25);
  const update = near("update", 0.85, 0.1);
  const evaluation = step % 10 === 0 ? 2.4 : 0;
  const searches = near("searches", 1.7 + 0.5 * learned, 0.1);
  return {
    [METRIC.reward]: near("reward", 0.2 + 0.48 * learned, 0.05),
    [METRIC.f1]: near("reward", 0.2 + 0.48 * learned, 0.05),
    [METRIC.exactMatch]: near("reward", 0.16 + 0.47 * learned, 0.05),
    [METRIC.turns]: searches + near("turns", 0.95, 0.02),
    [METRIC.searches]: searches,
    [METRIC.answered]: near("answered", 0.93 + 0.06 * learned, 0.01),
    [METRIC.responseLength]: near("length", 34 + 8 * learned, 2),
    [METRIC.searchesMade]: Math.round(192 * searches),
    [METRIC.kl]: near("kl", 0.02 + 0.3 * learned ** 2, 0.02),
    [METRIC.klLoss]: near("kl-loss", 0.015 + 0.22 * learned ** 2, 0.015),
    [METRIC.entropy]: near("entropy", 0.62 - 0.35 * learned, 0.03),
    [METRIC.gradientNorm]: near("norm", 0.55 + 0.2 * learned, 0.2),
    [METRIC.learningRate]: 2e-3 * Math.min(1, step / 5) * Math.min(1, 1.3 - step / steps),
    [METRIC.policyLoss]: near("loss", -0.01, 0.02),
    [METRIC.clipFraction]: near("clip", 0.02, 0.01),
    [METRIC.logProbDifferenceMean]: 0,
    [METRIC.logProbDifferenceMax]: 0,
    [METRIC.tokensPerSecond]: near("speed", 7200, 500),
    [METRIC.generatedTokensPerSecond]: near("sampling", 9400, 700),
    [METRIC.stepSeconds]: generation + update + 0.45 + evaluation,
    "timing_s/gen": generation,
    "timing_s/reward": 0.02,
    "timing_s/log_probs": near("log-probs", 0.38, 0.04),
    "timing_s/adv": 0.01,
    "timing_s/update_actor": update,
    "timing_s/testing": evaluation,
    "timing_s/save_checkpoint": step % 20 === 0 ? 0.6 : 0,
    "env/stop/answered": Math.round(near("stop", 180 + 9 * learned, 3)),
    "env/stop/turn-limit": Math.round(near("limit", 9 - 7 * learned, 1)),
    "env/stop/token-budget": step % 7 === 0 ? 1 : 0,
    ...(isSimulated && simulationMetrics(step, steps, Math.round(192 * searches))),
  };
}

function simulationMetrics(step: number, steps: number, results: number): Record<string, number> {
  const scheduled = noiseProbability({ kind: "exponential", start: 0, end: 0.5 }, step, steps);
  const noisy = Math.round(around(scheduled, 0.02, ["noisy", step]) * results);
  const { share = 0, low = 0, high = 0 } = shareOf(Math.min(results, Math.max(0, noisy)), results);
  return {
    [METRIC.dollarsSaved]: (15 * results) / 1000,
    [METRIC.noiseScheduled]: scheduled,
    [METRIC.noiseRealised]: share,
    [METRIC.noiseRealisedLow]: low,
    [METRIC.noiseRealisedHigh]: high,
    [METRIC.simulatedResults]: results,
    [METRIC.hitRate]: around(0.9, 0.03, ["hit", step]),
    ...(noisy > 0 && { [METRIC.leakRate]: around(0.04, 0.02, ["leak", step]) }),
    [METRIC.undeservedLeakRate]: around(0.03, 0.02, ["undeserved", step]),
    [METRIC.documentsPerPage]: around(4.9, 0.08, ["documents", step]),
  };
}

function group(step: number, steps: number, isSimulated: boolean): ReturnType<typeof madeRecord>[] {
  return [0, 1, 2].map((sample) => {
    const isRight = sample > 0 && keyedUniform(["group", step, sample]) < skill(step, steps) + 0.2;
    return madeRecord(madeQuestion(2 * step + 1), {
      step,
      sample,
      isRight,
      isSimulated,
      advantage: isRight ? 0.7 : -1.2,
    });
  });
}

interface MadeEvaluation {
  readonly step: number;
  readonly steps: number;
  readonly name: string;
  readonly temperature: number;
  readonly questions: number;
}

/** Two-hop questions are harder, the simulator is kinder than the index, and drawing is worse than the likeliest token. */
function evaluate(run: Run, { step, steps, name, temperature, questions }: MadeEvaluation): void {
  const isSimulated = name !== "real";
  const trajectories = Array.from({ length: questions }, (_, i) => {
    const question = madeQuestion(i);
    const rate =
      (0.5 - 0.32 * temperature) * (1 - skill(step, steps)) + (0.84 - 0.06 * temperature) * skill(step, steps);
    const isRight =
      keyedUniform([question.id, name, temperature, "right"]) <
      rate + (isSimulated ? 0.1 : 0) - (i % 2 === 0 ? 0 : 0.2);
    return madeRecord(question, { step, isRight, isSimulated });
  });
  const engine = isSimulated ? { name: "simulator", identity: { model: "simulator" } } : { name: "fts", identity: {} };
  run.recordEvaluation({
    line: { step, name, engine, temperature, seconds: 1.2, ...evaluationSummary({ scored: trajectories, failed: [] }) },
    trajectories: trajectories.slice(0, 60),
  });
}
