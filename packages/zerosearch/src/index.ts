/** ZeroSearch (arXiv 2505.04588): data, search, simulation, rollouts, rewards, runs, in the order data flows. */

export type { EvaluatedTrajectory } from "./advantage/evaluated-trajectory.ts";
export type { ChatCompletion, ChatMessage, ChatModel, ChatRequest } from "./core/chat-model.ts";
export { applyOverrides, parseConfig } from "./core/config-overrides.ts";
export type { Distribution } from "./core/distribution.ts";
export { ChatModelError, ConfigError, DataError, type FailureKind, RunError, SearchError } from "./core/errors.ts";
export { HttpChatModel } from "./core/http-chat-model.ts";
export type { HttpChatModelOptions } from "./core/http-chat-model-options.ts";
export { keyedSeed, keyedShuffle, keyedUniform, type RandomKey } from "./core/keyed-random.ts";
export { normalizeAnswer } from "./core/normalize-answer.ts";
export type { Question } from "./core/question.ts";
export { bootstrapMean, mcNemarExact, pairedPermutationTest, wilsonInterval } from "./core/statistics.ts";
export { AGENT_PROMPT, agentPrompt } from "./data/agent-prompt.ts";
export { BENCHMARK_REPOSITORY, BENCHMARKS, type Benchmark, TRAINING_REPOSITORY } from "./data/benchmarks.ts";
export { DATASETS, datasetsNamed } from "./data/datasets.ts";
export { type EncodedPrompt, type EncodePromptOptions, encodePrompt } from "./data/encode-prompt.ts";
export {
  defaultCacheFolder,
  downloadFromHub,
  type HubDownloadOptions,
  type HubFile,
  type HubProgress,
} from "./data/hub-download.ts";
export {
  type LoadedQuestions,
  type LoadQuestionsOptions,
  loadQuestions,
  type SkippedRow,
} from "./data/load-questions.ts";
export { QuestionOrder, type QuestionOrderState } from "./data/question-order.ts";
export { type WriteQuestionsOptions, writeQuestions } from "./data/write-questions.ts";
export { Asker, type AskerConfig } from "./eval/asker.ts";
export { compareResults, type PairedComparison, type ResultComparison } from "./eval/compare-results.ts";
export { type EvaluateOptions, evaluate } from "./eval/evaluate.ts";
export { type EvaluationConfig, evaluationConfigSchema } from "./eval/evaluation-config.ts";
export type { EvaluationProgress } from "./eval/evaluation-progress.ts";
export type { EvaluationResult } from "./eval/evaluation-result.ts";
export { type ComparedResult, readCompared } from "./eval/read-compared.ts";
export { type PredictionScores, scorePredictions } from "./eval/score-predictions.ts";
export { type Agent, loadAgent } from "./models/agent.ts";
export { type AgentConfig, agentConfigSchema } from "./models/agent-config.ts";
export { type ChatModelConfig, chatModelConfigSchema } from "./models/chat-model-config.ts";
export { createChatModel } from "./models/create-chat-model.ts";
export { createRolloutEngine, type RolloutEngineContext } from "./models/create-rollout-engine.ts";
export { type EnginePolicy, enginePolicy } from "./models/engine-policy.ts";
export { LocalChatModel, loadChatModel } from "./models/local-chat-model.ts";
export {
  type RolloutEngineConfig,
  rolloutEngineConfigSchema,
  type SimulatorConfig,
} from "./models/rollout-engine-config.ts";
export { savePrompt } from "./models/saved-prompt.ts";
export type { Gates } from "./models/simulator-parts.ts";
export { WorkerChatModel } from "./models/worker-chat-model.ts";
export { coverExactMatchReward, exactMatchReward, f1Reward } from "./reward/answer-rewards.ts";
export { type EvaluationMeasures, type EvaluationSummary, evaluationSummary } from "./reward/evaluation-summary.ts";
export { isExactMatch } from "./reward/exact-match.ts";
export { formatReward } from "./reward/format-reward.ts";
export type { Reward, Score, ScoredTrajectory } from "./reward/reward.ts";
export { REWARDS, rewardNamed } from "./reward/rewards.ts";
export { scoreTrajectories } from "./reward/score-trajectories.ts";
export { parseAction } from "./rollout/action.ts";
export { ANSWER_NOW, INVALID_ACTION, informationText } from "./rollout/observation.ts";
export { policyTokenCount, searchesOf, tokenSequence, turnCount } from "./rollout/policy-tokens.ts";
export { rollout } from "./rollout/rollout.ts";
export { DEFAULT_ROLLOUT_LIMITS, type RolloutContext, type RolloutLimits } from "./rollout/rollout-context.ts";
export { type RolloutGroupsOptions, rolloutGroups } from "./rollout/rollout-groups.ts";
export { rolloutStatistics } from "./rollout/rollout-statistics.ts";
export type { StopReason } from "./rollout/stop-reason.ts";
export type { PromptSegment, Segment, Trajectory } from "./rollout/trajectory.ts";
export {
  type CheckpointModel,
  checkpointModelFolder,
  readCheckpointState,
  withCheckpointTensors,
  writeCheckpointParts,
} from "./run/checkpoint.ts";
export { type EvaluationRecord, readEvaluations, readEvaluationTrajectories } from "./run/evaluation-log.ts";
export { GracefulStop } from "./run/graceful-stop.ts";
export { readMetrics } from "./run/metrics-log.ts";
export { ProgressView } from "./run/progress-view.ts";
export { readRunFacts } from "./run/read-run-facts.ts";
export { type WrittenReport, writeReport } from "./run/report/write-report.ts";
export { Run } from "./run/run.ts";
export { type EvaluationLine, RUN_FILES } from "./run/run-files.ts";
export { MlflowTracker } from "./run/trackers/mlflow.ts";
export { TensorboardTracker } from "./run/trackers/tensorboard.ts";
export { WandbTracker } from "./run/trackers/wandb.ts";
export { readTrajectories } from "./run/trajectory-log.ts";
export { versions } from "./run/versions.ts";
export { createSearchEngine } from "./search/create-search-engine.ts";
export { type DocumentBudget, formatDocuments, NO_INFORMATION } from "./search/format-documents.ts";
export { searchEngineOf } from "./search/lift.ts";
export type { IndexTokenizer } from "./search/local/build-index.ts";
export { FtsIndex } from "./search/local/fts-index.ts";
export type { Passage } from "./search/local/passage.ts";
export { readCorpus } from "./search/local/read-corpus.ts";
export type {
  Document,
  QueryEngine,
  SearchEngine,
  SearchOptions,
  SearchResult,
  SearchSession,
} from "./search/search-engine.ts";
export { type SearchEngineConfig, searchEngineConfigSchema } from "./search/search-engine-config.ts";
export { type RetrieverServer, serveRetriever } from "./search/serve-retriever.ts";
export { type NoiseSchedule, noiseProbability } from "./search/simulator/curriculum.ts";
export { entityOverlapGate, type Gate, type GateContext, noGate } from "./search/simulator/gate.ts";
export { SimulationStatistics } from "./search/simulator/simulation-statistics.ts";
export { Simulator } from "./search/simulator/simulator.ts";
export { REFERENCE_BEHAVIOUR, type SimulatorOptions } from "./search/simulator/simulator-options.ts";
export {
  instructSimulatorPrompt,
  type SimulatorPrompt,
  templatePrompt,
  tunedSimulatorPrompt,
} from "./search/simulator/simulator-prompts.ts";
export { withCache } from "./search/with-cache.ts";
export { withRecording } from "./search/with-recording.ts";
export { withRetry } from "./search/with-retry.ts";
export { type ConvertOptions, convertData } from "./sft/convert-data.ts";
export { type FineTuneResult, fineTune } from "./sft/fine-tune.ts";
export { type FineTuneConfig, fineTuneConfigSchema } from "./sft/fine-tune-config.ts";
export type { FineTuneOptions } from "./sft/fine-tune-session.ts";
export { type Example, fineTuneStep } from "./sft/fine-tune-step.ts";
export { FineTuneView } from "./sft/fine-tune-view.ts";
export { inspectData, type QuestionFileFacts, type RecordFileFacts } from "./sft/inspect-data.ts";
export { type FineTunePlan, planFineTuning } from "./sft/plan-fine-tuning.ts";
export type { FineTuneRecord } from "./sft/record-row.ts";
export { readRecords } from "./sft/records.ts";
export { balanceLabels, splitRecords } from "./sft/records-sampling.ts";
export { tokenizeRecords } from "./sft/tokenize-records.ts";
export { type AuditConfig, auditConfigSchema } from "./simulator-tuning/audit-config.ts";
export type { AuditQuery } from "./simulator-tuning/audit-query.ts";
export { type AuditReport, auditPages, auditSimulator } from "./simulator-tuning/audit-simulator.ts";
export { auditMarkdown, auditTables } from "./simulator-tuning/audit-tables.ts";
export { type AuditThresholds, auditThresholdsSchema } from "./simulator-tuning/audit-thresholds.ts";
export { type BuildConfig, buildConfigSchema } from "./simulator-tuning/build-config.ts";
export { type BuildSummary, buildRecords } from "./simulator-tuning/build-records.ts";
export { type CollectConfig, collectConfigSchema } from "./simulator-tuning/collect-config.ts";
export { type CollectSummary, collectSearches } from "./simulator-tuning/collect-searches.ts";
export { type LabelConfig, labelConfigSchema } from "./simulator-tuning/label-config.ts";
export { type LabelSummary, labelSearches } from "./simulator-tuning/label-searches.ts";
export { type ProbeConfig, probeConfigSchema } from "./simulator-tuning/probe-config.ts";
export { type ProbeSummary, probeEngine } from "./simulator-tuning/probe-engine.ts";
export { type DryRun, dryRun } from "./train/dry-run.ts";
export { type Replay, type ReplayKey, replay } from "./train/replay.ts";
export { train } from "./train/train.ts";
export { type TrainConfig, trainConfigSchema } from "./train/train-config.ts";
export type { TrainOptions, TrainResult } from "./train/train-session.ts";
export { ALGORITHMS, type Algorithm, type AlgorithmName, type KlSettings } from "./update/algorithms.ts";
export { clipGradients } from "./update/clip-gradients.ts";
export { Critic } from "./update/critic.ts";
export { type DrawnGroups, drawGroupsWithSpread } from "./update/dynamic-sampling.ts";
export { estimateAdvantages, type LearnedTrajectory } from "./update/estimate-advantages.ts";
export {
  type Evaluation,
  type EvaluationModels,
  type EvaluationOptions,
  evaluateTokens,
  type SamplerDifference,
} from "./update/evaluate-tokens.ts";
export { nextKlCoefficient } from "./update/kl-controller.ts";
export { type LrSchedule, learningRateAt } from "./update/lr-schedule.ts";
export { NonFiniteGuard } from "./update/non-finite-guard.ts";
export { AdamW, type AdamWOptions, DEFAULT_ADAMW } from "./update/optimizer.ts";
export { TokenBudget } from "./update/token-budget.ts";
export {
  type LearningModels,
  type UpdateMetrics,
  type UpdateOptions,
  type UpdateResult,
  updateModels,
} from "./update/update-models.ts";
