import { empty, TorchError } from "@zerosearch/torch";
import { expect, test } from "vitest";
import { RunError } from "../core/errors.ts";
import { isOutOfMemory, TokenBudget } from "./token-budget.ts";

const tooMuch = (): TorchError => new TorchError("CUDA out of memory. Tried to allocate 2 GiB", "aten::mm", "[2, 2]");

test("libtorch's own refusal to allocate is recognised, other errors are not", () => {
  const refusals: unknown[] = [];
  try {
    empty([2 ** 52]);
  } catch (error) {
    refusals.push(error);
  }
  expect(refusals.map(isOutOfMemory)).toEqual([true]);
  expect(isOutOfMemory(tooMuch())).toBe(true);
  expect(isOutOfMemory(new TorchError("size mismatch", "aten::mm", "[2, 2]"))).toBe(false);
  expect(isOutOfMemory(new Error("out of memory"))).toBe(false);
});

test("a micro-batch that does not fit is halved and tried again; every sequence is run once, the budget stays", () => {
  const budget = new TokenBudget(40);
  const lengths = [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4];
  const done: number[] = [];
  const sizes: number[] = [];
  const count = budget.forEachBatch(lengths, (indices) => {
    if (indices.length > 4) throw tooMuch();
    done.push(...indices);
    sizes.push(indices.length);
  });
  expect([...done].sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
  expect(sizes).toEqual([2, 2, 2, 2, 2, 2]);
  expect(count).toBe(6);
  expect({ tokens: budget.tokens, halvings: budget.halvings }).toEqual({ tokens: 10, halvings: 2 });
});

test("one sequence that does not fit ends the run and says how long it is", () => {
  const budget = new TokenBudget(100);
  const run = (): number =>
    budget.forEachBatch([30, 30], () => {
      throw tooMuch();
    });
  expect(run).toThrow(RunError);
  expect(run).toThrow("30 tokens");
});

test("other errors pass, and a budget of nothing is refused", () => {
  const run = (): number =>
    new TokenBudget(10).forEachBatch([1], () => {
      throw new RangeError("mine");
    });
  expect(run).toThrow("mine");
  expect(() => new TokenBudget(0)).toThrow("got 0");
});
