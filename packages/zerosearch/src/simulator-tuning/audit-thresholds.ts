/** What a simulator must come to before anyone trains on it, as data, and in sentences what it falls short of. */
import { z } from "zod";
import type { Share } from "../search/simulator/simulation-statistics.ts";
import { ALL_KINDS, type AuditFindings, type FidelityRow } from "./audit-findings.ts";

/** Bounds for one kind of query; each is held beside the general ones. */
interface KindThresholds {
  /** Least share of useful pages with an answer, where the truth is told. */
  readonly minUsefulHits?: number | undefined;
  /** Most, told or withheld: of queries that a real engine does not answer. */
  readonly maxUsefulHits?: number | undefined;
}

/** Shares in [0, 1]. Why these defaults: docs/simulator-tuning.md. */
export interface AuditThresholds {
  /** Least share of useful pages with an answer, among deserving queries whose real page has one. Default 0.6. */
  readonly minUsefulHits: number;
  /** By how much useful pages of one kind may hold an answer more often than the real engine's. Default 0.15. */
  readonly maxExcessHits: number;
  /** Most noisy pages with an answer, where the truth is told. Default 0.1. */
  readonly maxNoisyLeaks: number;
  /** Most pages with an answer from which the truth is withheld, unless real pages hold it more often. Default 0.1. */
  readonly maxWithheldLeaks: number;
  /** Least share of pages with as many documents as were asked for. Default 0.9. */
  readonly minCompletePages: number;
  /** Least share of different pages, as a part of the real engine's. Default 0.8. */
  readonly minDistinctPages: number;
  /** Most documents that repeat one above them on their page. Default 0.2. */
  readonly maxRepeatedDocuments: number;
  /** By the name of the kind. */
  readonly kinds: Readonly<Record<string, KindThresholds>>;
}

const share = z.number().min(0).max(1);

export const auditThresholdsSchema: z.ZodType<AuditThresholds> = z
  .strictObject({
    minUsefulHits: share.default(0.6),
    maxExcessHits: share.default(0.15),
    maxNoisyLeaks: share.default(0.1),
    maxWithheldLeaks: share.default(0.1),
    minCompletePages: share.default(0.9),
    minDistinctPages: share.default(0.8),
    maxRepeatedDocuments: share.default(0.2),
    kinds: z
      .record(z.string(), z.strictObject({ minUsefulHits: share.optional(), maxUsefulHits: share.optional() }))
      .default({}),
  })
  .prefault({});

/** Of fewer queries a share says too little: such kinds are judged with all the others together. */
const FEWEST_JUDGED = 20;

/** One sentence for each bound that is not kept; none if the simulator may be trained on. */
export function auditShortfalls(findings: AuditFindings, thresholds: AuditThresholds): string[] {
  const { rows, totals, origins } = findings;
  const frequent = rows.filter(({ queries }) => queries >= FEWEST_JUDGED);
  const byKind = [excess, leaks, incomplete].flatMap((bound) => {
    const sentences = frequent.flatMap((row) => bound(row, thresholds));
    return sentences.length > 0 ? sentences : totals.flatMap((row) => bound(row, thresholds));
  });
  return [
    ...totals.filter(({ isDeserved }) => isDeserved).flatMap((total) => missedAnswers(total, thresholds)),
    ...byKind,
    ...rows.flatMap((row) => kindShortfalls(row, thresholds.kinds[row.kind] ?? {})),
    ...unknownKinds(findings, thresholds),
    ...monotony(origins, thresholds),
  ];
}

function missedAnswers({ real, useful, usefulWhereReal }: FidelityRow, { minUsefulHits }: AuditThresholds): string[] {
  const [hits, which] =
    real.count > 0
      ? [usefulWhereReal, "deserving queries that the real engine answers"]
      : [useful, "deserving queries"];
  if (hits.share === undefined || hits.share >= minUsefulHits) return [];
  return [
    `Of ${hits.count} ${which}, ${percent(hits)} of the useful pages hold an answer, at least ${percent(minUsefulHits)} ` +
      "must: a policy that searches well would not be rewarded for it.",
  ];
}

function excess(row: FidelityRow, { maxExcessHits }: AuditThresholds): string[] {
  const { isDeserved, queries, real, useful } = row;
  if (!isDeserved || real.count < queries) return [];
  const most = (real.share ?? 0) + maxExcessHits;
  if ((useful.share ?? 0) <= most) return [];
  return [
    `${named(row)}: ${percent(useful)} of the useful pages hold an answer, the real engine's ${percent(real)}, at most ` +
      `${percent(most)} may: a policy would learn to ask so, and find nothing with the real engine.`,
  ];
}

function leaks(row: FidelityRow, { maxNoisyLeaks, maxWithheldLeaks }: AuditThresholds): string[] {
  const { isDeserved, real, useful, noisy } = row;
  if (isDeserved) {
    if ((noisy.share ?? 0) <= maxNoisyLeaks) return [];
    return [
      `${named(row)}: ${percent(noisy)} of the noisy pages hold an answer, at most ${percent(maxNoisyLeaks)} may: ` +
        "the curriculum's noise would be none.",
    ];
  }
  const most = Math.max(maxWithheldLeaks, real.share ?? 0);
  if ((useful.share ?? 0) <= most) return [];
  return [
    `${named(row)}: ${percent(useful)} of the pages hold an answer, at most ` +
      `${percent(most)} may: a policy would be rewarded for asking anything.`,
  ];
}

function incomplete(row: FidelityRow, { minCompletePages }: AuditThresholds): string[] {
  const { complete } = row;
  if ((complete.share ?? 1) >= minCompletePages) return [];
  return [
    `${named(row)}: ${percent(complete)} of the pages have as many documents as were asked for, at least ` +
      `${percent(minCompletePages)} must.`,
  ];
}

function kindShortfalls(row: FidelityRow, { minUsefulHits = 0, maxUsefulHits = 1 }: KindThresholds): string[] {
  const { isDeserved, useful } = row;
  const hits = useful.share ?? 0;
  const bounds = [
    ...(isDeserved && hits < minUsefulHits ? [`at least ${percent(minUsefulHits)} must`] : []),
    ...(hits > maxUsefulHits ? [`at most ${percent(maxUsefulHits)} may`] : []),
  ];
  return bounds.map((bound) => `${named(row)}: ${percent(useful)} of the pages hold an answer, ${bound}.`);
}

/** A bound that nothing was held to must not look kept. */
function unknownKinds({ rows }: AuditFindings, { kinds }: AuditThresholds): string[] {
  const asked = new Set(rows.map(({ kind }) => kind));
  const missing = Object.keys(kinds).filter((kind) => !asked.has(kind));
  return missing.map((kind) => `Queries of kind "${kind}": there is a threshold for them, but none was asked.`);
}

function monotony(origins: AuditFindings["origins"], thresholds: AuditThresholds): string[] {
  const { minDistinctPages, maxRepeatedDocuments } = thresholds;
  return origins
    .filter(({ origin, pages }) => origin !== "real" && pages >= FEWEST_JUDGED)
    .flatMap(({ origin, distinctPages, repeatedDocuments, agreement }) => {
      const least = minDistinctPages * (agreement?.distinctReal.share ?? 1);
      return [
        ...((distinctPages.share ?? 1) < least
          ? [`Of the ${origin} pages ${percent(distinctPages)} are different ones, at least ${percent(least)} must be.`]
          : []),
        ...((repeatedDocuments.share ?? 0) > maxRepeatedDocuments
          ? [
              `Of the documents on ${origin} pages ${percent(repeatedDocuments)} repeat another of their page, at most ` +
                `${percent(maxRepeatedDocuments)} may.`,
            ]
          : []),
      ];
    });
}

function named({ kind, isDeserved }: FidelityRow): string {
  const which = kind === ALL_KINDS ? "Queries of all kinds" : `Queries of kind "${kind}"`;
  return `${which}, the truth ${isDeserved ? "told" : "withheld"}`;
}

function percent(value: Share | number): string {
  const number = typeof value === "number" ? value : (value.share ?? 0);
  return `${(100 * number).toFixed(0)} %`;
}
