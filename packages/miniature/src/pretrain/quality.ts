/**
 * What the models must be able to do, whoever trained them and wherever: a model trained anew has other weights on other
 * machines, but it may not fall short of this.
 */
import type { PolicyMeasure } from "./measure-policy.ts";
import type { FidelityRow } from "./measure-simulator.ts";

/** Least share of useful pages with the answer, for queries that deserve it. */
const DESERVED: readonly (readonly [FidelityRow["kind"], FidelityRow["hops"], number])[] = [
  ["first-hop", 1, 0.85],
  ["question", 1, 0.85],
  ["second-hop", 2, 0.6],
];

/** Queries that a real engine does not answer. */
const UNDESERVED: readonly (readonly [FidelityRow["kind"], FidelityRow["hops"]])[] = [
  ["first-hop", 2],
  ["skipped-hop", 2],
  ["linked-entity", 2],
  ["question", 2],
  ["wrong-entity", 1],
];

/** Most pages that may tell what they should not. */
const LEAK = 0.1;

/** Most pages labelled noisy that hold the answer, over all kinds of queries. */
const LEAK_OF_NOISE = 0.05;

/** Least share of pages with as many documents as were asked for. */
const COMPLETE = 0.9;

/** In which a cold start must lie: below there is nothing to build on, above little to learn. */
const COLD_START = {
  /** Exact match of the likeliest tokens. */
  greedy: [0.2, 0.6],
  /** Exact match at temperature 1. */
  sampled: [0.05, 0.3],
  /** The same for questions of two hops: what never succeeds can't be reinforced. */
  sampledTwoHop: [0.01, 0.3],
} as const;

/** What a simulator falls short of, in sentences; none if it is good. */
export function simulatorShortfalls(rows: readonly FidelityRow[]): string[] {
  const demands = rows.flatMap(({ kind, hops, useful, complete }) => {
    const name = `${kind} (${hops})`;
    const least = DESERVED.find(([deserved, its]) => deserved === kind && its === hops)?.[2] ?? 0;
    const most = UNDESERVED.some(([undeserved, its]) => undeserved === kind && its === hops) ? LEAK : 1;
    return [
      { name: `${name}: useful pages with the answer`, value: useful, range: [least, most] as const },
      { name: `${name}: complete pages`, value: complete, range: [COMPLETE, 1] as const },
    ];
  });
  const noisy = rows.reduce((sum, row) => sum + row.noisy, 0) / rows.length;
  const all = { name: "noisy pages with the answer, of all kinds", value: noisy, range: [0, LEAK_OF_NOISE] as const };
  return [...demands, all].flatMap(shortfall);
}

/** What a cold start falls short of, or exceeds. @param measures  at temperatures 0 and 1 */
export function coldStartShortfalls(measures: readonly PolicyMeasure[]): string[] {
  const at = (temperature: number): PolicyMeasure | undefined =>
    measures.find((measure) => measure.temperature === temperature);
  return [
    { name: "greedy exact match", value: at(0)?.exactMatch, range: COLD_START.greedy },
    { name: "exact match at temperature 1", value: at(1)?.exactMatch, range: COLD_START.sampled },
    { name: "exact match of two hops at temperature 1", value: at(1)?.twoHop, range: COLD_START.sampledTwoHop },
  ].flatMap(shortfall);
}

interface Demand {
  readonly name: string;
  readonly value: number | undefined;
  readonly range: readonly [number, number];
}

function shortfall({ name, value, range: [least, most] }: Demand): string[] {
  if (value !== undefined && value >= least && value <= most) return [];
  return [`${name}: ${value?.toFixed(3) ?? "not measured"}, expected ${least} to ${most}`];
}
