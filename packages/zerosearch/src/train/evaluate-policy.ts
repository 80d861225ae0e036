/** An evaluation in the middle of training: the policy as it is, on questions that it does not learn from. */
import type { Question } from "../core/question.ts";
import { loadQuestions } from "../data/load-questions.ts";
import type { Agent } from "../models/agent.ts";
import { createRolloutEngine, type RolloutEngineContext } from "../models/create-rollout-engine.ts";
import { evaluationSummary } from "../reward/evaluation-summary.ts";
import type { Reward } from "../reward/reward.ts";
import { scoreTrajectories } from "../reward/score-trajectories.ts";
import type { RolloutLimits } from "../rollout/rollout-context.ts";
import { rolloutGroups } from "../rollout/rollout-groups.ts";
import type { EvaluationRecord } from "../run/evaluation-log.ts";
import type { SearchEngine } from "../search/search-engine.ts";
import type { TrainEvaluationConfig } from "./train-config.ts";

/** Questions and engine of one evaluation, kept open for the whole run. */
export interface OpenEvaluation {
  readonly config: TrainEvaluationConfig;
  readonly questions: readonly Question[];
  readonly search: SearchEngine;
}

/** @throws {DataError} @throws {ConfigError} @throws {ModelFileError} what it needs can't be had */
export async function openEvaluation(
  config: TrainEvaluationConfig,
  context: RolloutEngineContext,
): Promise<OpenEvaluation> {
  const { questions } = await loadQuestions(config.files);
  return {
    config,
    questions: firstOfEachSource(questions, config.maxQuestions ?? questions.length),
    search: await createRolloutEngine(config.search, context),
  };
}

/** As many of each source, in their order. */
function firstOfEachSource(questions: readonly Question[], count: number): Question[] {
  const sources = new Set(questions.map(({ source }) => source));
  const left = new Map([...sources].map((source, i) => [source, Math.floor((count + i) / sources.size)]));
  return questions.filter(({ source }) => {
    const rest = left.get(source) ?? 0;
    left.set(source, rest - 1);
    return rest > 0;
  });
}

export interface EvaluatePolicyOptions {
  readonly seed: number;
  readonly step: number;
  readonly limits: RolloutLimits;
  readonly reward: Reward;
  readonly maxFailureShare: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * One rollout per question and temperature. Draws do not depend on the step, so that two evaluations of a run differ by
 * what the policy has learned.
 *
 * @throws {RunError} too many rollouts failed
 */
export async function evaluatePolicy(
  agent: Agent,
  { config, questions, search }: OpenEvaluation,
  { seed, step, limits, reward, maxFailureShare, signal }: EvaluatePolicyOptions,
): Promise<EvaluationRecord[]> {
  const records: EvaluationRecord[] = [];
  for (const temperature of config.temperatures) {
    const startedAt = performance.now();
    const trajectories = await rolloutGroups(questions, {
      ...agent,
      search,
      seed,
      step: 0,
      noise: config.noise,
      sampling: { temperature },
      limits,
      groupSize: 1,
      maxFailureShare,
      ...(signal && { signal }),
    });
    const scores = await scoreTrajectories(trajectories, reward);
    const kept = new Set(questions.slice(0, config.keptTrajectories).map(({ id }) => id));
    records.push({
      line: {
        step,
        name: config.name,
        engine: { name: search.name, identity: search.identity },
        temperature,
        seconds: (performance.now() - startedAt) / 1000,
        ...evaluationSummary(scores),
      },
      trajectories: scores.scored
        .filter(({ trajectory }) => kept.has(trajectory.question.id))
        .map((scored) => ({ ...scored, advantages: null })),
    });
  }
  return records;
}

/** As metrics, such as `val/real/t0/exact_match` and `val/real/t0/exact_match/two-hop`. */
export function evaluationMetrics(records: readonly EvaluationRecord[]): Record<string, number> {
  return Object.fromEntries(
    records.flatMap(({ line: { name, temperature, questions, measures, bySource } }) => {
      const prefix = `val/${name}/t${temperature}`;
      return [
        [`${prefix}/questions`, questions] as const,
        ...(measures ? [[`${prefix}/exact_match`, measures.exactMatch.value] as const] : []),
        ...(measures ? [[`${prefix}/f1`, measures.f1.value] as const] : []),
        ...Object.entries(bySource).map(
          ([source, summary]) => [`${prefix}/exact_match/${source}`, summary.measures.exactMatch.value] as const,
        ),
      ];
    }),
  );
}
