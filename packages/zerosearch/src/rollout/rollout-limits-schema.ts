/** Bounds of rollouts as a configuration says them. */
import { z } from "zod";
import { DEFAULT_ROLLOUT_LIMITS, type RolloutLimits } from "./rollout-context.ts";

const count = z.int().min(1);

/** What is left out, or all of it, is {@link DEFAULT_ROLLOUT_LIMITS}. */
export const rolloutLimitsSchema: z.ZodType<RolloutLimits> = z
  .strictObject({
    maxTurns: z.int().min(0).default(DEFAULT_ROLLOUT_LIMITS.maxTurns),
    maxTurnTokens: count.default(DEFAULT_ROLLOUT_LIMITS.maxTurnTokens),
    maxTotalTokens: count.default(DEFAULT_ROLLOUT_LIMITS.maxTotalTokens),
    /** JSON knows no infinity: null never ends a rollout for it. */
    maxInvalid: count
      .nullable()
      .default(null)
      .transform((value) => value ?? Number.POSITIVE_INFINITY),
    topK: count.default(DEFAULT_ROLLOUT_LIMITS.topK),
    maxObservationTokens: count.default(DEFAULT_ROLLOUT_LIMITS.maxObservationTokens),
    answerReserve: z.int().min(0).default(DEFAULT_ROLLOUT_LIMITS.answerReserve),
    searchTimeoutMs: count.default(DEFAULT_ROLLOUT_LIMITS.searchTimeoutMs),
  })
  .prefault({});
