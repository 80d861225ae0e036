/**
 * The rollouts of a step: G for each of Q questions, all at the same time. Each goes at its own pace, so one that waits
 * for its documents holds up no other (D30), and its draws depend on its key alone, so neither order nor company matters.
 */
import pLimit from "p-limit";
import { ConfigError, RunError } from "../core/errors.ts";
import type { Question } from "../core/question.ts";
import { rollout } from "./rollout.ts";
import type { RolloutSettings } from "./rollout-context.ts";
import { isFailure, STOP_REASONS } from "./stop-reason.ts";
import type { Trajectory } from "./trajectory.ts";

/** How far a step's rollouts are. */
export interface RolloutProgress {
  readonly total: number;
  readonly done: number;
  readonly running: number;
  /** Of those running, how many wait for documents. */
  readonly searching: number;
  /** Searches begun. */
  readonly searches: number;
  /** Of those done, how many failed. */
  readonly failures: number;
}

export interface RolloutGroupsOptions extends RolloutSettings {
  /** G: rollouts per question. */
  readonly groupSize: number;
  /**
   * Rollouts under way at once; default 4096, more than any engine runs in one batch. What waits for the engine or for
   * documents costs little: its tokens, and its cache as far as the engine has room to keep it.
   */
  readonly maxConcurrent?: number;
  /** Of all rollouts: when more than this share failed, the others are given up. Default 0.1. */
  readonly maxFailureShare?: number;
  readonly onProgress?: (progress: RolloutProgress) => void;
  /** Told of each rollout as it ends, whichever way: what is kept then is not lost with those still under way. */
  readonly onTrajectory?: (trajectory: Trajectory) => void;
}

/**
 * Plays all groups.
 *
 * @returns Q·G trajectories, group after group, samples in order, whichever finished first. After an abort they are all
 *   there too, those that had not finished with the stop reason `aborted`.
 * @throws {RunError} more than `maxFailureShare` of them failed
 * @throws {ConfigError} a setting is out of range, or two questions have the same id, which would give them the same draws
 */
export async function rolloutGroups(
  questions: readonly Question[],
  options: RolloutGroupsOptions,
): Promise<Trajectory[]> {
  const { groupSize, maxConcurrent = 4096, maxFailureShare = 0.1, onProgress, onTrajectory, signal } = options;
  checkGroups(questions, { groupSize, maxConcurrent, maxFailureShare });
  const count = new ProgressCount(questions.length * groupSize, onProgress);
  const stop = fanOut(signal);
  const limit = pLimit(maxConcurrent);
  const failed: Trajectory[] = [];
  const play = async (question: Question, settings: RolloutSettings, sample: number): Promise<Trajectory> => {
    count.change({ running: 1 });
    using own = stop.branch();
    const trajectory = await rollout(question, {
      ...settings,
      sample,
      signal: own.signal,
      onSearch: (event) => count.change(event === "begun" ? { searching: 1, searches: 1 } : { searching: -1 }),
    });
    const hasFailed = isFailure(trajectory.stopReason) && trajectory.stopReason !== "aborted";
    count.change({ running: -1, done: 1, failures: hasFailed ? 1 : 0 });
    onTrajectory?.(trajectory);
    if (hasFailed) failed.push(trajectory);
    if (failed.length > maxFailureShare * count.total) throw tooManyFailures(failed, count.total);
    return trajectory;
  };
  const groups = questions.map((question) => {
    const prompt = options.encodePrompt(question); // once for the group
    return { question, settings: { ...options, encodePrompt: () => prompt } };
  });
  const plays = groups.flatMap(({ question, settings }) =>
    Array.from({ length: groupSize }, (_, sample) => limit(play, question, settings, sample)),
  );
  try {
    return await Promise.all(plays);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(plays); // nothing goes on behind the caller's back
    throw error;
  } finally {
    stop.release();
  }
}

class ProgressCount {
  readonly total: number;
  readonly #onChange: ((progress: RolloutProgress) => void) | undefined;
  #now: RolloutProgress;

  constructor(total: number, onChange: ((progress: RolloutProgress) => void) | undefined) {
    this.total = total;
    this.#onChange = onChange;
    this.#now = { total, done: 0, running: 0, searching: 0, searches: 0, failures: 0 };
  }

  change(by: Partial<Omit<RolloutProgress, "total">>): void {
    const { total, done, running, searching, searches, failures } = this.#now;
    this.#now = {
      total,
      done: done + (by.done ?? 0),
      running: running + (by.running ?? 0),
      searching: searching + (by.searching ?? 0),
      searches: searches + (by.searches ?? 0),
      failures: failures + (by.failures ?? 0),
    };
    this.#onChange?.(this.#now);
  }
}

/**
 * One listener on the caller's signal for any number of rollouts: Node warns of a leak at the eleventh, and the signal of
 * a whole run would keep every rollout's.
 */
function fanOut(signal: AbortSignal | undefined) {
  const branches = new Set<AbortController>();
  const root = new AbortController();
  const abort = (reason: unknown): void => {
    root.abort(reason);
    for (const branch of branches) branch.abort(reason);
  };
  const onAbort = (): void => abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  return {
    abort,
    release: (): void => signal?.removeEventListener("abort", onAbort),
    /** A signal of one rollout's own; aborted from the start after an abort. */
    branch(): { readonly signal: AbortSignal; [Symbol.dispose](): void } {
      const controller = new AbortController();
      branches.add(controller);
      if (root.signal.aborted) controller.abort(root.signal.reason);
      return { signal: controller.signal, [Symbol.dispose]: () => void branches.delete(controller) };
    },
  };
}

function tooManyFailures(failed: readonly Trajectory[], total: number): RunError {
  const reasons = STOP_REASONS.map((reason) => ({ reason, count: countOf(failed, reason) })).filter(
    ({ count }) => count > 0,
  );
  const messages = new Map<string, number>();
  for (const { failure = "" } of failed) messages.set(failure, (messages.get(failure) ?? 0) + 1);
  const [message = "", times = 0] = [...messages].sort(([, a], [, b]) => b - a)[0] ?? [];
  return new RunError(
    `${failed.length} of ${total} rollouts failed (${reasons.map(({ reason, count }) => `${count} ${reason}`).join(", ")}), ` +
      `more than maxFailureShare allows. Most often (${times}): ${message}`,
  );
}

function countOf(trajectories: readonly Trajectory[], reason: string): number {
  return trajectories.filter(({ stopReason }) => stopReason === reason).length;
}

interface GroupBounds {
  readonly groupSize: number;
  readonly maxConcurrent: number;
  readonly maxFailureShare: number;
}

function checkGroups(questions: readonly Question[], { groupSize, maxConcurrent, maxFailureShare }: GroupBounds): void {
  for (const [name, value] of Object.entries({ groupSize, maxConcurrent })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new ConfigError(`rollout.${name} must be a whole number of at least 1, got ${value}`);
  }
  if (!(maxFailureShare >= 0 && maxFailureShare <= 1)) {
    throw new ConfigError(`rollout.maxFailureShare must be in [0, 1], got ${maxFailureShare}`);
  }
  const ids = new Set<string>();
  for (const { id } of questions) {
    if (ids.has(id)) throw new ConfigError(`two questions of a step have the id "${id}": ids must be unique`);
    ids.add(id);
  }
}
