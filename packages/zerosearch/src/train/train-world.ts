/** What a run learns from, opened before any work: questions, the engine that is searched, evaluations. */
import { ConfigError } from "../core/errors.ts";
import type { Question } from "../core/question.ts";
import { loadQuestions } from "../data/load-questions.ts";
import { createRolloutEngine, type RolloutEngineContext } from "../models/create-rollout-engine.ts";
import type { SearchEngine } from "../search/search-engine.ts";
import type { Algorithm } from "../update/algorithms.ts";
import { checkTrackers } from "./create-trackers.ts";
import { type OpenEvaluation, openEvaluation } from "./evaluate-policy.ts";
import { configuredAlgorithm } from "./objective-config.ts";
import type { TrainConfig } from "./train-config.ts";

export interface TrainWorld {
  readonly config: TrainConfig;
  readonly algorithm: Algorithm;
  readonly questions: readonly Question[];
  /** Rows left out because they are no questions. */
  readonly skippedRows: number;
  readonly search: SearchEngine;
  readonly evaluations: readonly OpenEvaluation[];
}

/**
 * Opens everything that a configuration asks for, but the models that learn, lends it and closes it.
 *
 * @throws {ConfigError} @throws {DataError} @throws {ModelFileError} something can't be had
 * @throws what `use` throws
 */
export async function withTrainWorld<T>(
  config: TrainConfig,
  context: RolloutEngineContext,
  use: (world: TrainWorld) => Promise<T>,
): Promise<T> {
  const algorithm = configuredAlgorithm(config.algorithm, config.objective);
  checkDocumentsTokens(config);
  checkTrackers(config.trackers, context.environment);
  const { files, skipInvalid } = config.data;
  const { questions, skipped } = await loadQuestions(files, { skipInvalid });
  if (config.questionsPerStep > questions.length) {
    throw new ConfigError(
      `questionsPerStep is ${config.questionsPerStep}, but there are ${questions.length} questions in ` +
        `${files.join(", ")}: lower it, or add questions.`,
    );
  }
  const engines: SearchEngine[] = [];
  try {
    const search = await createRolloutEngine(config.search, context);
    engines.push(search);
    const evaluations: OpenEvaluation[] = [];
    for (const each of config.evaluations) {
      const evaluation = await openEvaluation(each, context);
      engines.push(evaluation.search);
      evaluations.push(evaluation);
    }
    return await use({ config, algorithm, questions, skippedRows: skipped.length, search, evaluations });
  } finally {
    for (const engine of engines) await engine.close?.();
  }
}

/** Documents are learned by what the policy thinks of them now: nobody drew their tokens. */
function checkDocumentsTokens({ update, objective }: TrainConfig): void {
  if (!update.learnsDocuments) return;
  const [name, value] =
    objective.importance !== undefined
      ? ["objective.importance", objective.importance.kind]
      : ["update.oldLogProbs", update.oldLogProbs];
  if (value === undefined || value === "recomputed") return;
  throw new ConfigError(
    `update.learnsDocuments is true and ${name} is ${value}, which needs the log-probabilities that tokens were drawn ` +
      `with; tokens of documents were not drawn. Leave ${name} out, or set update.learnsDocuments to false.`,
  );
}
