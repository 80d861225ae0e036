/**
 * An evaluation from its configuration to its result: questions, engine and model are opened first, so that what is
 * missing is said before any work; every question is scored (the reference drops the last batch: defect D11); what is
 * done is on the disk at once, and an evaluation that was interrupted goes on from there.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../core/errors.ts";
import type { Question } from "../core/question.ts";
import { loadAgent } from "../models/agent.ts";
import { createRolloutEngine, type RolloutEngineContext } from "../models/create-rollout-engine.ts";
import { configDifference } from "../run/config-difference.ts";
import { writeDurableFile } from "../run/durable-file.ts";
import { RunDirectory } from "../run/run-directory.ts";
import { versions } from "../run/versions.ts";
import type { SearchEngine } from "../search/search-engine.ts";
import { answerAll } from "./answer-all.ts";
import { NO_SEARCH, questionAnswerer } from "./answer-question.ts";
import type { EvaluationConfig } from "./evaluation-config.ts";
import { EVALUATION_FILES } from "./evaluation-files.ts";
import { EvaluationProgress } from "./evaluation-progress.ts";
import { evaluationQuestions } from "./evaluation-questions.ts";
import { type EngineIdentity, type EvaluationResult, evaluationResult } from "./evaluation-result.ts";
import { PredictionLog, predictionOf, readKept, writePredictions } from "./prediction-log.ts";
import { resultMarkdown } from "./result-markdown.ts";
import { resultPage } from "./result-page.ts";

export interface EvaluateOptions extends RolloutEngineContext {
  /** Where the result goes. */
  readonly folder: string;
  /** Whether an evaluation that is there is continued. What failed is asked again. */
  readonly resume: boolean;
  readonly onProgress?: (progress: EvaluationProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * @throws {ConfigError} @throws {DataError} @throws {ModelFileError} before any work, what the configuration asks for
 *   can't be had
 * @throws {RunError} the folder can't be used or holds an evaluation already, too many questions failed, or it was told
 *   to stop: what is done is kept
 */
export async function evaluate(config: EvaluationConfig, options: EvaluateOptions): Promise<EvaluationResult> {
  const questions = await evaluationQuestions(config, options);
  const isSearching = config.baseline === "search-agent" || config.baseline === "rag";
  const search = isSearching && config.search ? await createRolloutEngine(config.search, options) : NO_SEARCH;
  try {
    return await evaluateWith(config, { ...options, questions, search });
  } finally {
    await search.close?.();
  }
}

interface Opened extends EvaluateOptions {
  readonly questions: readonly Question[];
  readonly search: SearchEngine;
}

async function evaluateWith(config: EvaluationConfig, opened: Opened): Promise<EvaluationResult> {
  const { folder, resume, questions, search, onProgress, signal } = opened;
  using agent = loadAgent(config.model);
  using directory = new RunDirectory({ path: folder, config, resume, seed: config.seed, versions: versions() });
  const engine = { name: search.name, identity: search.identity };
  keepIdentity(join(folder, EVALUATION_FILES.engine), engine);
  const path = join(folder, EVALUATION_FILES.predictions);
  const done = await readKept(path, questions);
  using log = PredictionLog.open(path, [...done.values()]);
  const left = questions.filter(({ id }) => !done.has(id));
  const progress = new EvaluationProgress(questions.length, done.values());
  onProgress?.(progress);
  await answerAll(left, questionAnswerer(config, agent, search), {
    maxConcurrent: config.maxConcurrent,
    maxFailures: config.maxFailureShare * questions.length,
    onAttempt: (question, attempt) => {
      const prediction = predictionOf(question, attempt);
      done.set(question.id, prediction);
      log.write(prediction);
      progress.add(prediction);
      onProgress?.(progress);
    },
    ...(signal && { signal }),
  });
  if (done.size < questions.length) {
    throw new RunError(`stopped after ${done.size} of ${questions.length} questions: go on with --resume.`);
  }
  const predictions = questions.flatMap(({ id }) => done.get(id) ?? []);
  const { createdAt, versions: begunWith } = directory.facts;
  const result = evaluationResult(predictions, { config, engine, createdAt, versions: begunWith });
  writePredictions(path, predictions);
  writeDurableFile(join(folder, EVALUATION_FILES.markdown), resultMarkdown(result));
  writeDurableFile(join(folder, EVALUATION_FILES.page), resultPage(result, predictions));
  // Last: where it is, all is there.
  writeDurableFile(join(folder, EVALUATION_FILES.result), `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

/** What was searched before must be what is searched now. */
function keepIdentity(path: string, engine: EngineIdentity): void {
  const now = `${JSON.stringify(engine, null, 2)}\n`;
  if (existsSync(path)) {
    const differences = configDifference(JSON.parse(readFileSync(path, "utf8")), JSON.parse(now));
    if (differences.length === 0) return;
    throw new RunError(
      `the evaluation was begun with another engine than there is now:\n  ${differences.join("\n  ")}\nChoose another folder.`,
    );
  }
  writeDurableFile(path, now);
}
