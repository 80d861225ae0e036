import { expect, test } from "vitest";
import { planBatches } from "./batch-plan.ts";

const LENGTHS = Array.from({ length: 500 }, (_, i) => 1 + ((i * 37) % 50));
const OPTIONS = { tokensPerBatch: 100, seed: 3 };

const tokensOf = (indices: readonly number[]): number =>
  indices.reduce((sum, index) => sum + (LENGTHS[index] ?? Number.NaN), 0);

test("every epoch holds every record once, in batches that fit the budget and are about full", () => {
  const plan = planBatches(LENGTHS, { ...OPTIONS, length: { epochs: 2 } });
  for (const epoch of [0, 1]) {
    const batches = plan.filter((batch) => batch.epoch === epoch);
    const all = batches.flatMap(({ indices }) => indices).sort((a, b) => a - b);
    expect(all).toEqual([...LENGTHS.keys()]);
    for (const { indices } of batches) expect(tokensOf(indices)).toBeLessThanOrEqual(100);
    expect(batches.length).toBeLessThan((1.25 * tokensOf([...LENGTHS.keys()])) / 100);
  }
});

test("batches are of texts alike in length, but neither their order nor their members are those of another epoch", () => {
  const plan = planBatches(LENGTHS, { ...OPTIONS, length: { epochs: 2 } });
  const spread = plan.map(({ indices }) => {
    const lengths = indices.map((index) => LENGTHS[index] ?? 0);
    return Math.max(...lengths) - Math.min(...lengths);
  });
  expect(spread.reduce((sum, each) => sum + each, 0) / spread.length).toBeLessThan(5);
  const [first = [], second = []] = [0, 1].map((epoch) => plan.filter((batch) => batch.epoch === epoch));
  const sets = (batches: typeof plan): string[] => batches.map(({ indices }) => [...indices].sort().join());
  const repeated = sets(second).filter((set) => sets(first).includes(set));
  expect(repeated.length).toBeLessThan(first.length / 2);
  const longest = first.map(({ indices }) => LENGTHS[indices[0] ?? 0] ?? 0);
  expect(longest).not.toEqual([...longest].sort((a, b) => b - a));
});

test("so many steps go round as often as that takes; the seed decides all", () => {
  const plan = (steps: number, seed = 3) => planBatches(LENGTHS, { ...OPTIONS, seed, length: { steps } });
  const long = plan(1000);
  expect(long).toHaveLength(1000);
  expect(long.at(-1)?.epoch).toBeGreaterThan(5);
  expect(plan(10)).toEqual(long.slice(0, 10));
  expect(plan(10, 4)).not.toEqual(plan(10));
});

test("a record longer than the budget is learned alone", () => {
  const plan = planBatches([5, 700, 5], { ...OPTIONS, length: { epochs: 1 } });
  expect(plan.map(({ indices }) => [...indices].sort()).sort()).toEqual([[0, 2], [1]]);
});
