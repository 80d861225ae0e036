/** Whether a simulator may be trained on: it is asked what policies ask, and what it writes is held to thresholds. */
import { DataError } from "../core/errors.ts";
import { loadQuestions } from "../data/load-questions.ts";
import { createChatModel } from "../models/create-chat-model.ts";
import type { RolloutEngineContext } from "../models/create-rollout-engine.ts";
import { gateNamed, simulatorPromptOf } from "../models/simulator-parts.ts";
import { createSearchEngine } from "../search/create-search-engine.ts";
import type { QueryEngine } from "../search/search-engine.ts";
import type { AuditConfig } from "./audit-config.ts";
import { type AuditFindings, auditFindings } from "./audit-findings.ts";
import { type AskForPagesOptions, type AuditedSimulator, askForPages } from "./audit-pages.ts";
import { type AuditQuery, readQuerySets } from "./audit-query.ts";
import { type AuditThresholds, auditShortfalls } from "./audit-thresholds.ts";
import { type CollectedSearch, collectedSearchSchema, readSearches, type SearchInPlace } from "./collected-search.ts";
import { makeAuditQueries } from "./query-kinds.ts";

export interface AuditReport extends AuditFindings {
  /** What was audited, and against what. */
  readonly simulator: Readonly<Record<string, unknown>>;
  readonly real: Readonly<Record<string, unknown>> | null;
  readonly topK: number;
  readonly seed: number;
  readonly thresholds: AuditThresholds;
  /** What it falls short of, in sentences; none if it may be trained on. */
  readonly shortfalls: readonly string[];
}

/**
 * Audits as a configuration says.
 *
 * @throws {ConfigError} a key is missing, or the gate is unknown
 * @throws {DataError} the queries can't be read
 * @throws {ModelFileError} the simulator's folder is no model that can be loaded
 * @throws {SearchError} simulator or engine can't be reached
 */
export async function auditSimulator(
  config: AuditConfig,
  { gates, environment, ...hooks }: RolloutEngineContext & Pick<AskForPagesOptions, "onProgress" | "signal"> = {},
): Promise<AuditReport> {
  const { topK, seed, thresholds } = config;
  const { temperature, maxTokens, maxDraws } = config.simulator;
  const writer = { prompt: simulatorPromptOf(config.simulator), temperature, maxTokens, maxDraws };
  const gate = gateNamed(config.simulator.gate, gates);
  const queries = await auditQueries(config);
  const real = config.real && createSearchEngine(config.real, environment);
  try {
    const model = await createChatModel(config.simulator.model, environment);
    try {
      return await auditPages({ model, gate, ...writer }, queries, { topK, seed, thresholds, real, ...hooks });
    } finally {
      await model.close?.();
    }
  } finally {
    await real?.close?.();
  }
}

async function auditQueries({
  queries,
  searches,
  questions,
  queriesPerKind,
  seed,
}: AuditConfig): Promise<AuditQuery[]> {
  const collected: SearchInPlace<CollectedSearch>[] = [];
  for await (const search of readSearches(searches, collectedSearchSchema)) collected.push(search);
  const asked = questions.length > 0 ? (await loadQuestions(questions)).questions : [];
  const general = makeAuditQueries({ questions: asked, searches: collected }, { perKind: queriesPerKind, seed });
  const all = [...(await readQuerySets(queries)), ...general];
  if (all.length === 0) throw new DataError(`${queries.join(", ")}: there is no query to ask`);
  return all;
}

export interface AuditPagesOptions extends Omit<AskForPagesOptions, "real"> {
  readonly real?: QueryEngine | undefined;
  readonly thresholds: AuditThresholds;
}

/** Audits a simulator on given queries. @throws {SearchError} simulator or engine can't be reached */
export async function auditPages(
  simulator: AuditedSimulator,
  queries: readonly AuditQuery[],
  { thresholds, ...options }: AuditPagesOptions,
): Promise<AuditReport> {
  const { topK, seed, real } = options;
  const findings = auditFindings(await askForPages(simulator, queries, options), topK);
  const { model, prompt, gate, temperature, maxTokens, maxDraws } = simulator;
  return {
    simulator: { model: model.name, prompt: prompt.identity, gate: gate.name, temperature, maxTokens, maxDraws },
    real: real ? { name: real.name, ...real.identity } : null,
    topK,
    seed,
    thresholds,
    ...findings,
    shortfalls: auditShortfalls(findings, thresholds),
  };
}
