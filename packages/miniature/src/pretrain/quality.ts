/**
 * What the models must be able to do, whoever trained them and wherever: a model trained anew has other weights on other
 * machines, but it may not fall short of this.
 */
import { type AuditThresholds, auditThresholdsSchema } from "@zerosearch/zerosearch";
import type { PolicyMeasure } from "./measure-policy.ts";

/** A real engine does not answer these. */
const UNDESERVED = { maxUsefulHits: 0.1 };

/** By kind of query and hops of its question. */
export const SIMULATOR_THRESHOLDS: AuditThresholds = auditThresholdsSchema.parse({
  kinds: {
    "first-hop (1)": { minUsefulHits: 0.85 },
    "question (1)": { minUsefulHits: 0.85 },
    "second-hop (2)": { minUsefulHits: 0.6 },
    "first-hop (2)": UNDESERVED,
    "skipped-hop (2)": UNDESERVED,
    "linked-entity (2)": UNDESERVED,
    "question (2)": UNDESERVED,
    "wrong-entity (1)": UNDESERVED,
  },
});

/** In which a cold start must lie: below there is nothing to build on, above little to learn. */
const COLD_START = {
  /** Exact match of the likeliest tokens: near 0 where guessing is the likeliest habit. */
  greedy: [0, 0.4],
  /** Exact match at temperature 1. */
  sampled: [0.02, 0.2],
  /** The same for questions of two hops: what never succeeds can't be reinforced. */
  sampledTwoHop: [0.005, 0.2],
} as const;

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
