/** `result.json`: what an evaluation came to, and all that is needed to know what it compares with. */
import { type EvaluationMeasures, measuresOf } from "../reward/evaluation-summary.ts";
import { isFailure, STOP_REASONS, type StopReason } from "../rollout/stop-reason.ts";
import { redact } from "../run/redact.ts";
import type { Versions } from "../run/versions.ts";
import type { EvaluationConfig } from "./evaluation-config.ts";
import type { Prediction } from "./prediction-log.ts";
import { dollarsPer1000 } from "./search-price.ts";

/** Raised when a reader of today could not read what will be written. */
const RESULT_FORMAT = 1;

/** Over some questions: every one counts, those that failed as wrong. */
export interface Scores {
  readonly questions: number;
  /** Of them: what failed for reasons outside the policy, such as by searches. */
  readonly failed: number;
  readonly measures: EvaluationMeasures;
}

/** What was searched. Results of engines with different identities do not compare. */
export interface EngineIdentity {
  readonly name: string;
  readonly identity: Readonly<Record<string, unknown>>;
}

export interface EvaluationResult extends Scores {
  readonly format: typeof RESULT_FORMAT;
  /** When it was begun: ISO 8601, UTC. */
  readonly createdAt: string;
  readonly bySource: Readonly<Record<string, Scores>>;
  /** How many questions ended for which reason. */
  readonly stopReasons: Readonly<Partial<Record<StopReason, number>>>;
  readonly searchCost: {
    readonly searches: number;
    readonly dollarsPer1000: number;
    /** An estimate: searches that a cache answered are among them, and retries are not. */
    readonly dollars: number;
  };
  readonly engine: EngineIdentity;
  /** Resolved, secrets removed. */
  readonly config: EvaluationConfig;
  readonly versions: Versions;
}

export interface ResultContext {
  readonly config: EvaluationConfig;
  readonly engine: EngineIdentity;
  readonly createdAt: string;
  readonly versions: Versions;
}

/** @param predictions  of all questions, at least one */
export function evaluationResult(predictions: readonly Prediction[], context: ResultContext): EvaluationResult {
  const { config, engine, createdAt, versions } = context;
  const sources = [...new Set(predictions.map(({ source }) => source))];
  const price = config.dollarsPer1000Searches ?? dollarsPer1000(config.search?.engine);
  const searches = predictions.reduce((sum, prediction) => sum + prediction.searches, 0);
  return {
    format: RESULT_FORMAT,
    createdAt,
    ...scoresOf(predictions),
    bySource: Object.fromEntries(
      sources.map((source) => [source, scoresOf(predictions.filter((prediction) => prediction.source === source))]),
    ),
    stopReasons: Object.fromEntries(
      STOP_REASONS.map((reason) => [
        reason,
        predictions.filter(({ stopReason }) => stopReason === reason).length,
      ]).filter(([, count]) => count !== 0),
    ),
    searchCost: { searches, dollarsPer1000: price, dollars: (searches * price) / 1000 },
    engine,
    config: redact(config) as EvaluationConfig,
    versions,
  };
}

function scoresOf(predictions: readonly Prediction[]): Scores {
  return {
    questions: predictions.length,
    failed: predictions.filter(({ stopReason }) => isFailure(stopReason)).length,
    measures: measuresOf(predictions),
  };
}

/** Each source counts alike, whatever its number of questions. */
export function meanOfSources(
  bySource: EvaluationResult["bySource"],
  measure: "exactMatch" | "coverExactMatch" | "f1",
): number {
  const values = Object.values(bySource).map(({ measures }) => measures[measure].value);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
