import { expect, test } from "vitest";
import { evenParts, microBatches } from "./micro-batches.ts";

test("a budget of 8 takes one sequence of 5 or four of 2; one of 12 stands alone and is not dropped", () => {
  expect(microBatches([5, 5], 8)).toEqual([[0], [1]]);
  expect(microBatches([2, 2, 2, 2, 2], 8)).toEqual([[0, 1, 2, 3], [4]]);
  expect(microBatches([2, 12, 5], 8)).toEqual([[1], [2, 0]]);
});

test("every sequence is in exactly one micro-batch, and none exceeds the budget unless it is alone", () => {
  const lengths = Array.from({ length: 57 }, (_, i) => 1 + ((i * 37) % 23));
  for (const budget of [1, 10, 30, 100, Number.POSITIVE_INFINITY]) {
    const batches = microBatches(lengths, budget);
    expect(batches.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
    for (const batch of batches) {
      const tokens = batch.reduce((sum, index) => sum + (lengths[index] ?? 0), 0);
      expect(batch.length === 1 || tokens <= budget).toBe(true);
    }
  }
});

test("no sequences make no micro-batches", () => {
  expect(microBatches([], 10)).toEqual([]);
});

test("320 trajectories in two mini-batches are 160 and 160, not 256 and 64 (D13)", () => {
  const items = Array.from({ length: 320 }, (_, i) => i);
  expect(evenParts(items, 2).map(({ length }) => length)).toEqual([160, 160]);
  expect(evenParts(items.slice(0, 7), 3).map(({ length }) => length)).toEqual([2, 2, 3]);
  expect(evenParts([1, 2], 5)).toEqual([[1], [2]]);
  expect(evenParts([], 5)).toEqual([]);
});
