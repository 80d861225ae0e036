import { expect, test } from "vitest";
import { f1Reward } from "./answer-rewards.ts";
import { answer, madeTrajectory, search } from "./testing/made-trajectory.ts";
import { withSearchCost } from "./with-search-cost.ts";

test("each search that was made costs, one that failed or was not made does not; measures stay", async () => {
  const made = madeTrajectory(["Lyon"], [search("…"), ["search", "page"], search("…"), answer("…", "Lyon")]);
  const result = { documents: [], source: "test", latencyMs: 0 };
  const segments = made.segments.map((segment) => (segment.kind === "observation" ? { ...segment, result } : segment));
  const score = await withSearchCost(f1Reward, 0.05)({ ...made, segments });
  expect(score.reward).toBeCloseTo(0.95, 12);
  expect(score.measures).toEqual({ f1: 1, exactMatch: 1, coverExactMatch: 1, answered: 1 });
});
