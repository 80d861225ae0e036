import { expect, test } from "vitest";
import type { FineTuneRecord } from "./record-row.ts";
import { balanceLabels, splitRecords } from "./records-sampling.ts";

function records(count: number, label?: "useful" | "noisy", from = 1): FineTuneRecord[] {
  const prompt = [{ role: "user" as const, content: "p" }];
  return Array.from({ length: count }, (_, i) => ({
    prompt,
    completion: "c",
    weight: 1,
    place: `row ${from + i}`,
    ...(label === undefined ? {} : { label }),
  }));
}

const rows = (of: readonly FineTuneRecord[]): string[] => of.map(({ place }) => place);

test("labels are balanced to the ratio, as many as there are, nothing twice", () => {
  const all = [...records(7, "useful"), ...records(12, "noisy", 100)];
  const count = (ratio: { useful: number; noisy: number }) => {
    const chosen = balanceLabels(all, { ratio, seed: 1 });
    expect(new Set(rows(chosen)).size).toBe(chosen.length);
    return ["useful", "noisy"].map((label) => chosen.filter((record) => record.label === label).length);
  };
  expect(count({ useful: 1, noisy: 1 })).toEqual([7, 7]);
  expect(count({ useful: 1, noisy: 3 })).toEqual([4, 12]);
  expect(count({ useful: 0, noisy: 1 })).toEqual([0, 12]);
});

test("the seed decides which and in what order", () => {
  const all = [...records(20, "useful"), ...records(10, "noisy", 100)];
  const choose = (seed: number) => rows(balanceLabels(all, { ratio: { useful: 1, noisy: 1 }, seed }));
  expect(choose(1)).toEqual(choose(1));
  expect(choose(1)).not.toEqual(choose(2));
});

test("a ratio that can't be had is refused, and so are records without label", () => {
  const balance = (all: FineTuneRecord[], useful: number, noisy: number) => () =>
    balanceLabels(all, { ratio: { useful, noisy }, seed: 1 });
  const all = [...records(2, "useful"), ...records(2, "noisy", 100)];
  expect(balance(all, 3, 1)).toThrow(/ratio of 3:1 can't be had from 2 useful and 2 noisy/);
  expect(balance(all, 0, 0)).toThrow(/not both 0/);
  expect(balance(all, 0.5, 1)).toThrow(/whole numbers/);
  expect(balance([...all, ...records(1, undefined, 7)], 1, 1)).toThrow(/row 7 has no label/);
});

test("a share of the rows is held back, turns of a conversation together", () => {
  const all = records(10).flatMap((record) => [record, record]);
  const split = splitRecords(all, { validationShare: 0.3, seed: 5 });
  expect(split.validation).toHaveLength(6);
  expect(split.train).toHaveLength(14);
  const held = new Set(rows(split.validation));
  expect(rows(split.train).some((row) => held.has(row))).toBe(false);
  expect(splitRecords(all, { validationShare: 0.3, seed: 5 })).toEqual(split);
  expect(splitRecords(all, { validationShare: 0.3, seed: 6 })).not.toEqual(split);
});

test("nothing held back leaves all; everything held back is refused", () => {
  expect(splitRecords(records(3), { validationShare: 0, seed: 1 })).toEqual({ train: records(3), validation: [] });
  expect(() => splitRecords(records(1), { validationShare: 0.01, seed: 1 })).toThrow(/leaves none to learn from/);
  expect(() => splitRecords(records(3), { validationShare: 1, seed: 1 })).toThrow(/below 1, got 1/);
});
