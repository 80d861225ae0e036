/** The ways a rollout ends: a closed set, so that every statistic and every mask can name them all. */

export const STOP_REASONS = [
  /** It gave an answer. */
  "answered",
  /** It used its turns and, in the closing round, gave no answer. */
  "turn-limit",
  /** It used its tokens. */
  "token-budget",
  /** What would have to be read next does not fit the model. */
  "context-overflow",
  /** It was neither search nor answer too many times. */
  "too-often-invalid",
  /** Its search failed after all retries. */
  "search-failed",
  /** Generation itself failed. */
  "generation-failed",
  /** It was told to stop. */
  "aborted",
] as const;

export type StopReason = (typeof STOP_REASONS)[number];

/** Ends that say nothing about the policy: such rollouts enter no loss, no baseline and no mean. */
export function isFailure(reason: StopReason): boolean {
  return reason === "search-failed" || reason === "generation-failed" || reason === "aborted";
}
