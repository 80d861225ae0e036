import { describe, expect, test } from "vitest";
import type { SearchResult, SimulationRecord } from "../search-engine.ts";
import { holdsAnswer, isLabelKept } from "./label-check.ts";
import { SimulationStatistics, shareOf } from "./simulation-statistics.ts";

const pageOf = (...texts: string[]) => texts.map((text) => ({ text }));

describe("an answer stands in a page", () => {
  test.each([
    ["Lem, Stanisław.", "lem stanisław", true],
    ["He wrote THE  Cyberiad!", "cyberiad", true],
    ["the problem", "lem", false],
    ["Lemberg", "Lem", false],
    ["born in 1921", "192", false],
    ["the U.S.A. won", "USA", true],
    ["a band called The The", "The The", false],
    ["", "x", false],
  ])("%j holds %j: %s", (text, answer, expected) => {
    expect(holdsAnswer(pageOf("nothing", text), [answer])).toBe(expected);
  });

  test("if any answer stands in any one document, title included, but not across two", () => {
    expect(holdsAnswer(pageOf("one", "two"), ["three", "two"])).toBe(true);
    expect(holdsAnswer([{ title: "Solaris", text: "is a novel" }], ["solaris"])).toBe(true);
    expect(holdsAnswer(pageOf("New", "York"), ["New York"])).toBe(false);
  });
});

test("only useful pages that were told the truth are to hold it", () => {
  const kept = (intent: "useful" | "noisy", isDeserved: boolean) =>
    [true, false].map((holds) => isLabelKept({ intent, isDeserved, holdsAnswer: holds }));
  expect(kept("useful", true)).toEqual([true, false]);
  expect(kept("noisy", true)).toEqual([false, true]);
  expect(kept("useful", false)).toEqual([false, true]);
  expect(kept("noisy", false)).toEqual([false, true]);
});

/** Found by bisection of (p̂ − p)² = z² p (1 − p) / n. */
test.each([
  [0, 10, 0, 0.27753279986288926],
  [3, 10, 0.10779126740630104, 0.6032218525388546],
  [50, 100, 0.4038315303659956, 0.5961684696340044],
  [7, 7, 0.6456695649333126, 1],
])("%i of %i lies in Wilson's interval", (yes, count, low, high) => {
  const share = shareOf(yes, count);
  expect([share.share, share.count]).toEqual([yes / count, count]);
  expect(share.low).toBeCloseTo(low, 12);
  expect(share.high).toBeCloseTo(high, 12);
});

describe("statistics", () => {
  const base = { intent: "useful", isDeserved: true, holdsAnswer: true, isRepeated: false, draws: 1 } as const;
  const result = (change: Partial<SimulationRecord>, texts = ["abcd", "ef"]): SearchResult => ({
    documents: pageOf(...texts),
    source: "simulator",
    latencyMs: 1,
    simulation: { ...base, ...change },
  });

  test("count every new page once, by label and by what it deserved", () => {
    const statistics = new SimulationStatistics();
    statistics.add(result({}), 0.2);
    statistics.add(result({ holdsAnswer: false }, ["abc"]), 0.4);
    statistics.add(result({ intent: "noisy", holdsAnswer: false, draws: 3 }), 0.4);
    statistics.add(result({ intent: "noisy" }), 0.4);
    statistics.add(result({ isDeserved: false, holdsAnswer: false }), 0.6);
    statistics.add(result({ isRepeated: true }), 0.9);
    statistics.add({ documents: [], source: "real", latencyMs: 1 }, 0.9);
    statistics.addMalformed();
    expect(statistics.summary()).toMatchObject({
      results: 6,
      repeated: 1,
      realisedNoise: { count: 5, share: 0.4 },
      hitRate: { count: 2, share: 0.5 },
      leakRate: { count: 2, share: 0.5 },
      undeservedLeakRate: { count: 1, share: 0 },
      undeserved: 1,
      redraws: 2,
      malformed: 1,
      documentsPerPage: 9 / 5,
      charactersPerDocument: (4 * 6 + 3) / 9,
    });
    expect(statistics.summary().scheduledNoise).toBeCloseTo(0.4, 15);
  });

  test("of nothing hold no shares", () => {
    const summary = new SimulationStatistics().summary();
    expect(summary.realisedNoise).toEqual({ count: 0 });
    expect(Object.keys(summary)).not.toContain("scheduledNoise");
  });
});
