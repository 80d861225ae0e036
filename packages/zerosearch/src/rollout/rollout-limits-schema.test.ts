import { expect, test } from "vitest";
import { checkLimits, DEFAULT_ROLLOUT_LIMITS } from "./rollout-context.ts";
import { rolloutLimitsSchema } from "./rollout-limits-schema.ts";

test("what is left out is the default", () => {
  expect(rolloutLimitsSchema.parse(undefined)).toEqual(DEFAULT_ROLLOUT_LIMITS);
  expect(rolloutLimitsSchema.parse({ topK: 3 })).toEqual({ ...DEFAULT_ROLLOUT_LIMITS, topK: 3 });
});

test("without turns nothing is searched: the baseline that learns to answer alone can be configured (D27)", () => {
  const limits = rolloutLimitsSchema.parse({ maxTurns: 0 });
  expect(limits.maxTurns).toBe(0);
  expect(() => checkLimits(limits)).not.toThrow();
});

test.each([{ maxTurns: -1 }, { maxTurnTokens: 0 }, { topK: 1.5 }, { maxTurn: 3 }])("%j is refused", (limits) => {
  expect(rolloutLimitsSchema.safeParse(limits).success).toBe(false);
});
