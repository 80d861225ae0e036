/** All questions of an evaluation, many at the same time, each told of as soon as it is done. */
import { setMaxListeners } from "node:events";
import pLimit from "p-limit";
import { RunError } from "../core/errors.ts";
import type { Question } from "../core/question.ts";
import { isFailure } from "../rollout/stop-reason.ts";
import type { AnswerQuestion, Attempt } from "./answer-question.ts";

export interface AnswerAllOptions {
  readonly maxConcurrent: number;
  /** Most failures; one more ends it. */
  readonly maxFailures: number;
  /** Told of each attempt that came to its end, failed ones included. */
  readonly onAttempt: (question: Question, attempt: Attempt) => void;
  readonly signal?: AbortSignal;
}

/**
 * Resolves when all are done or the signal is aborted. Nothing goes on afterwards, however it ends.
 *
 * @throws {RunError} too many failed
 * @throws whatever ends one question and would end all others
 */
export async function answerAll(
  questions: readonly Question[],
  answer: AnswerQuestion,
  { maxConcurrent, maxFailures, onAttempt, signal }: AnswerAllOptions,
): Promise<void> {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal); // every rollout listens
  const onAbort = (): void => stop.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  if (signal?.aborted) onAbort();
  const limit = pLimit(maxConcurrent);
  let failures = 0;
  const plays = questions.map((question) =>
    limit(async () => {
      if (stop.signal.aborted) return;
      const attempt = await answer(question, stop.signal);
      if (attempt.stopReason === "aborted") return;
      onAttempt(question, attempt);
      if (!isFailure(attempt.stopReason)) return;
      failures++;
      if (failures > maxFailures) throw tooManyFailures(failures, attempt);
    }),
  );
  try {
    await Promise.all(plays);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(plays);
    throw error;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

function tooManyFailures(failures: number, { stopReason, failure }: Attempt): RunError {
  return new RunError(
    `${failures} questions failed, more than maxFailureShare allows; the last by ${stopReason}: ${failure ?? "no reason given"}. ` +
      "What was answered is kept: when that is mended, go on with --resume.",
  );
}
