/** A policy answers questions with a real engine, and every search it makes is kept: the material of a simulator (§2.4). */
import { keyedShuffle } from "../core/keyed-random.ts";
import type { Question } from "../core/question.ts";
import { loadQuestions } from "../data/load-questions.ts";
import { loadAgent } from "../models/agent.ts";
import { createRolloutEngine, type RolloutEngineContext } from "../models/create-rollout-engine.ts";
import { type RolloutGroupsOptions, type RolloutProgress, rolloutGroups } from "../rollout/rollout-groups.ts";
import { isFailure } from "../rollout/stop-reason.ts";
import type { CollectConfig } from "./collect-config.ts";
import { type CollectionCount, CollectionLog } from "./collection-log.ts";

export interface CollectHooks {
  readonly onProgress?: (progress: RolloutProgress) => void;
  /** Ends it early: what has ended is kept, what has not is played when it is gone on with. */
  readonly signal?: AbortSignal;
}

/** What the file holds now, and what is still to do. */
export interface CollectSummary extends CollectionCount {
  readonly questions: number;
  /** Rollouts that the file held before. */
  readonly before: number;
  /** Rollouts that failed or were given up: they are played again when it is gone on with. */
  readonly left: number;
}

/**
 * Collects as a configuration says.
 *
 * @throws {ConfigError} @throws {DataError} @throws {ModelFileError} what it needs can't be had
 * @throws {RunError} the file can't be written or is damaged, or too many rollouts failed
 */
export async function collectSearches(
  config: CollectConfig,
  { gates, environment, ...hooks }: CollectHooks & RolloutEngineContext = {},
): Promise<CollectSummary> {
  const { model, data, out, seed, groupSize, sampling, limits, maxConcurrent, maxFailureShare } = config;
  const { questions } = await loadQuestions(data.files, { skipInvalid: data.skipInvalid });
  const chosen = keyedShuffle(questions, [seed, "collect"]).slice(0, data.maxQuestions);
  const search = await createRolloutEngine(config.search, {
    ...(gates && { gates }),
    ...(environment && { environment }),
  });
  try {
    using agent = loadAgent(model);
    const bounds = { limits, maxConcurrent, maxFailureShare };
    return await playAndCollect(chosen, { ...agent, search, seed, groupSize, sampling, ...bounds, ...hooks, out });
  } finally {
    await search.close?.();
  }
}

export interface PlayAndCollectOptions extends Omit<RolloutGroupsOptions, "step" | "noise" | "onTrajectory"> {
  /** The file. */
  readonly out: string;
}

/** Plays the rollouts that the file does not hold yet. @throws {RunError} @throws {ConfigError} see {@link collectSearches} */
export async function playAndCollect(
  questions: readonly Question[],
  { out, ...options }: PlayAndCollectOptions,
): Promise<CollectSummary> {
  using log = await CollectionLog.open(out, options.search);
  const before = log.count.rollouts;
  const isWhole = ({ id }: Question): boolean =>
    Array.from({ length: options.groupSize }, (_, sample) => sample).every((sample) => log.has(id, sample));
  let left = 0;
  await rolloutGroups(
    questions.filter((question) => !isWhole(question)),
    {
      ...options,
      step: 0,
      noise: 0,
      onTrajectory: (trajectory) => {
        const { questionId, sample } = trajectory.key;
        if (isFailure(trajectory.stopReason)) left++;
        else if (!log.has(questionId, sample)) log.append(trajectory);
      },
    },
  );
  return { ...log.count, questions: questions.length, before, left };
}
