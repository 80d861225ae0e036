/**
 * The steps of a run (§3): ask questions, let the policy search, score its answers, learn from them, and see now and then
 * how well it does on questions it does not learn from.
 */
import { QuestionOrder, type QuestionOrderState } from "../data/question-order.ts";
import type { RolloutEngineContext } from "../models/create-rollout-engine.ts";
import type { Reward, ScoredTrajectory } from "../reward/reward.ts";
import { rewardNamed } from "../reward/rewards.ts";
import { withSearchCost } from "../reward/with-search-cost.ts";
import type { RolloutProgress } from "../rollout/rollout-groups.ts";
import { rolloutStatistics } from "../rollout/rollout-statistics.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import { writeCheckpointParts } from "../run/checkpoint.ts";
import type { EvaluationRecord } from "../run/evaluation-log.ts";
import type { ProgressState } from "../run/progress-view.ts";
import type { Run, StepRecord } from "../run/run.ts";
import type { BackgroundTracker } from "../run/trackers/background-tracker.ts";
import type { RunOutcome } from "../run/trackers/tracker.ts";
import type { TrajectoryRecord } from "../run/trajectory-line.ts";
import { noiseProbability } from "../search/simulator/curriculum.ts";
import type { LearnedTrajectory } from "../update/estimate-advantages.ts";
import { nextKlCoefficient } from "../update/kl-controller.ts";
import { NonFiniteGuard } from "../update/non-finite-guard.ts";
import { TokenBudget } from "../update/token-budget.ts";
import { evaluatePolicy, evaluationMetrics, type OpenEvaluation } from "./evaluate-policy.ts";
import { type LearnedStep, learnStep } from "./learn-step.ts";
import { PhaseTimer } from "./phase-timer.ts";
import { type PlayedStep, playStep } from "./play-step.ts";
import type { RunHistory } from "./run-history.ts";
import { lengthMetrics, performanceMetrics, samplerMetrics, scoreMetrics, searchMetrics } from "./step-metrics.ts";
import type { TrainWorld } from "./train-world.ts";
import type { ModelsState, TrainingModels } from "./training-models.ts";

/** How a run is begun, watched and stopped: nothing that changes what it computes. */
export interface TrainOptions extends RolloutEngineContext {
  /** The run's folder, such as `runs/first`. */
  readonly path: string;
  readonly resume: boolean;
  /** Your own, in place of the one that the configuration names. */
  readonly reward?: Reward;
  /** Asked after each step; the signal stops at once. */
  readonly stop?: { readonly isRequested: boolean; readonly signal: AbortSignal };
  readonly onStep?: (state: ProgressState) => void;
  /** Told of what happens within a step. */
  readonly onRollouts?: (progress: RolloutProgress) => void;
  readonly onEvaluation?: (records: readonly EvaluationRecord[]) => void;
  /** Told, in a sentence, of what should not be missed. */
  readonly onNote?: (note: string) => void;
}

export interface TrainResult {
  /** Steps done, those before a resume included. */
  readonly step: number;
  readonly outcome: Extract<RunOutcome, "finished" | "stopped">;
  /** The last checkpoint's folder, which holds the policy as `policy/`. */
  readonly checkpoint: string;
}

/** In every checkpoint, besides the models. */
export interface TrainState {
  readonly order: QuestionOrderState;
  readonly models: ModelsState;
  readonly klCoefficient: number;
}

export interface SessionParts extends TrainWorld {
  readonly run: Run;
  readonly models: TrainingModels;
  readonly trackers: readonly BackgroundTracker[];
  readonly history: RunHistory;
}

/** One process's share of a run. */
export class TrainSession {
  readonly #parts: SessionParts;
  readonly #options: TrainOptions;
  readonly #order: QuestionOrder;
  readonly #reward: Reward;
  readonly #budget: TokenBudget;
  readonly #guard: NonFiniteGuard;
  #step: number;
  #klCoefficient: number;

  constructor(
    parts: SessionParts,
    options: TrainOptions,
    saved: { readonly step: number; readonly state: TrainState } | undefined,
  ) {
    const { config, algorithm, questions } = parts;
    this.#parts = parts;
    this.#options = options;
    this.#order = new QuestionOrder(questions, config.seed, saved?.state.order);
    this.#reward = withSearchCost(options.reward ?? rewardNamed(config.reward), config.searchCost);
    this.#budget = new TokenBudget(config.update.tokensPerMicroBatch);
    this.#guard = new NonFiniteGuard(config.update.mostSkippedInARow);
    this.#step = saved?.step ?? 0;
    parts.models.agent.policy.version = this.#step;
    this.#klCoefficient = saved?.state.klCoefficient ?? algorithm.kl.coefficient;
  }

  async run(): Promise<TrainResult> {
    const { config, run } = this.#parts;
    if (!run.lastCheckpoint) await this.#evaluate(({ atStart }) => atStart);
    let checkpoint = run.lastCheckpoint?.path ?? (await this.#checkpoint());
    const isDone = (): boolean => this.#step >= config.steps;
    while (!isDone() && !this.#options.stop?.isRequested) {
      await this.#takeStep(this.#step + 1);
      const isDue = isDone() || this.#options.stop?.isRequested || this.#step % config.save.every === 0;
      if (isDue) checkpoint = await this.#checkpoint();
    }
    return { step: this.#step, outcome: isDone() ? "finished" : "stopped", checkpoint };
  }

  /** One step of training, and the evaluations due after it. */
  async #takeStep(step: number): Promise<void> {
    const { config, history } = this.#parts;
    const timer = new PhaseTimer();
    const noise = noiseProbability(config.noise, step, config.steps, { successRate: history.successRate });
    const played = await this.#play(step, noise, timer);
    const { batch, skipped, metrics: update, samplerDifference } = await this.#learn(step, played.scored, timer);
    this.#step = step;
    const evaluations = await timer.measure("testing", () =>
      this.#evaluate(
        ({ every }) => !this.#guard.hasFailed && (step === config.steps || (every > 0 && step % every === 0)),
      ),
    );
    const metrics: Record<string, number> = {
      ...rolloutStatistics(played.trajectories),
      ...scoreMetrics([...played.scored, ...played.passedOver]),
      ...lengthMetrics(played.trajectories),
      ...searchMetrics(played.trajectories, { noise, dollarsPer1000Searches: config.dollarsPer1000Searches }),
      ...samplerMetrics(samplerDifference),
      ...update,
      "sampling/rounds": played.rounds,
      "sampling/flat_groups": played.flatGroups,
      ...evaluationMetrics(evaluations),
      ...timer.metrics(),
      ...performanceMetrics(played.trajectories, timer.phases(), timer.totalMs()),
    };
    const kl = metrics["critic/kl"];
    if (kl !== undefined) {
      const measured = { kl, trajectories: batch.length };
      this.#klCoefficient = nextKlCoefficient(config.objective.klController, this.#klCoefficient, measured);
    }
    history.addStep(step, metrics);
    const trajectories = recordsOf(played, batch);
    this.#record(step, { metrics: { ...metrics, ...this.#watch(metrics) }, trajectories, skipped });
    this.#guard.throwIfTooMany();
    this.#options.onStep?.({
      runName: this.#parts.run.directory.path,
      step,
      totalSteps: config.steps,
      rewards: history.rewards,
      ...(config.search.engine === "simulator" && { noise }),
      turns: metrics["env/number_of_actions/mean"] ?? 0,
      phaseMs: timer.phases(),
      stepMs: history.stepMs,
      notes: this.#parts.trackers.flatMap(({ name, lastFailure }) =>
        lastFailure === undefined ? [] : [`${name}: ${lastFailure}`],
      ),
    });
  }

  async #play(step: number, noise: number, timer: PhaseTimer): Promise<PlayedStep> {
    const { config, algorithm, models, search } = this.#parts;
    const { stop, onRollouts } = this.#options;
    const { seed, groupSize, questionsPerStep, limits, maxConcurrent, maxFailureShare, sampling } = config;
    const played = await playStep({
      ...models.agent,
      ...{ search, seed, step, noise, sampling, limits, groupSize, maxConcurrent, maxFailureShare, questionsPerStep },
      order: this.#order,
      reward: this.#reward,
      mostRounds: algorithm.drawsFlatGroupsAgain ? config.objective.mostRounds : undefined,
      timer,
      ...(stop && { signal: stop.signal }),
      ...(onRollouts && { onProgress: onRollouts }),
    });
    stop?.signal.throwIfAborted();
    return played;
  }

  async #learn(step: number, scored: readonly ScoredTrajectory[], timer: PhaseTimer): Promise<LearnedStep> {
    const { config, algorithm, models } = this.#parts;
    const learned = await learnStep(models, scored, {
      ...{ config, algorithm, step, timer },
      klCoefficient: this.#klCoefficient,
      budget: this.#budget,
      guard: this.#guard,
    });
    for (const { model, loss, gradientNorm } of learned.skipped) {
      this.#note(`step ${step}: an update of the ${model} was skipped: loss ${loss}, gradient norm ${gradientNorm}`);
    }
    return learned;
  }

  async #evaluate(isDue: (config: OpenEvaluation["config"]) => boolean): Promise<EvaluationRecord[]> {
    const { config, models, evaluations, run, history } = this.#parts;
    const all: EvaluationRecord[] = [];
    for (const evaluation of evaluations.filter((each) => isDue(each.config))) {
      const records = await evaluatePolicy(models.agent, evaluation, {
        seed: config.seed,
        step: this.#step,
        limits: config.limits,
        reward: this.#reward,
        maxFailureShare: config.maxFailureShare,
        signal: this.#options.stop?.signal,
      });
      this.#options.stop?.signal.throwIfAborted();
      for (const record of records) {
        run.recordEvaluation(record);
        history.addEvaluation(record.line);
      }
      this.#options.onEvaluation?.(records);
      all.push(...records);
    }
    return all;
  }

  /** What the watchdog says of this step, as a metric, and aloud. */
  #watch(metrics: Readonly<Record<string, number>>): Record<string, number> {
    const { config, history } = this.#parts;
    const watched = config.evaluations.filter(({ isWatched }) => isWatched).map(({ name }) => name);
    const warnings = config.search.engine === "simulator" ? history.warnings(watched, this.#step, metrics) : [];
    for (const warning of warnings) this.#note(`step ${this.#step}: ${warning}`);
    return { "watchdog/exploits_simulator": warnings.length > 0 ? 1 : 0 };
  }

  #record(step: number, record: StepRecord): void {
    this.#parts.run.record(step, record);
    for (const tracker of this.#parts.trackers) tracker.log({ step, time: Date.now(), metrics: record.metrics });
  }

  async #checkpoint(): Promise<string> {
    const { config, run, models, history } = this.#parts;
    const state: TrainState = {
      order: this.#order.state(),
      models: models.state(),
      klCoefficient: this.#klCoefficient,
    };
    const score = history.scoreAt(this.#step);
    return await run.checkpoint(this.#step, {
      keepLast: config.save.keepLast,
      ...(score !== undefined && { score }),
      write: (folder) => writeCheckpointParts(folder, { ...models.parts(), state }),
    });
  }

  #note(note: string): void {
    this.#options.onNote?.(note);
  }
}

/** Every rollout, in their order: what was learned from it, or null. Rollouts that failed have no score to keep. */
function recordsOf({ scored, passedOver }: PlayedStep, batch: readonly LearnedTrajectory[]): TrajectoryRecord[] {
  const nameOf = ({ key }: Trajectory): string => JSON.stringify([key.questionId, key.sample]);
  const learned = new Map(batch.map((each) => [nameOf(each.trajectory), each]));
  return [...scored, ...passedOver].map(({ trajectory, score }): TrajectoryRecord => {
    const found = learned.get(nameOf(trajectory));
    if (!found) return { trajectory, score, advantages: null };
    const { advantages, returns, tokenRewards: _, ...kept } = found;
    return { ...kept, advantages: { advantages, ...(returns && { returns }) } };
  });
}
