/**
 * How faithful a simulator is: how often an answer stands on its pages, by kind of query and label, beside how often one
 * stands on the real engine's for the same queries. Where they differ, reinforcement learning will notice.
 */
import { holdsAnswer } from "../search/simulator/label-check.ts";
import { type Share, shareOf } from "../search/simulator/simulation-statistics.ts";
import type { AuditCase, Page } from "./audit-pages.ts";
import { type Agreement, type AskedPage, agreementOf, measurePages, type PageMeasures } from "./page-measures.ts";

/** Queries of one kind that the gate treats alike. Shares are of pages that hold an answer, unless said otherwise. */
export interface FidelityRow {
  readonly kind: string;
  /** False where the truth is withheld: both labels give the same page then, and it stands under `useful`. */
  readonly isDeserved: boolean;
  readonly queries: number;
  /** Of the queries whose real page is known. */
  readonly real: Share;
  readonly useful: Share;
  /** Of the queries whose real page holds an answer. */
  readonly usefulWhereReal: Share;
  readonly noisy: Share;
  /** Pages with as many documents as were asked for. */
  readonly complete: Share;
}

/** Pages of one origin: the real engine's, or the simulator's by what it was asked for. */
export interface OriginRow extends PageMeasures {
  readonly origin: "real" | "useful" | "noisy" | "withheld";
  /** With the real pages, where they are known. */
  readonly agreement?: Agreement;
}

export interface AuditFindings {
  readonly rows: readonly FidelityRow[];
  /** All kinds together, by whether the truth is told. */
  readonly totals: readonly FidelityRow[];
  /** Origins of which there are pages. */
  readonly origins: readonly OriginRow[];
}

/** What the totals are called. */
export const ALL_KINDS = "all kinds";

/** @param topK  documents that were asked for */
export function auditFindings(cases: readonly AuditCase[], topK: number): AuditFindings {
  const kinds = [...new Set(cases.map(({ query }) => query.kind))];
  const told = cases.filter(({ isDeserved }) => isDeserved);
  const withheld = cases.filter(({ isDeserved }) => !isDeserved);
  const origins: readonly (readonly [OriginRow["origin"], readonly OriginPage[]])[] = [
    ["real", cases.flatMap(({ query: { query }, real }) => (real ? [{ query, page: real }] : []))],
    ["useful", told.map(({ query: { query }, useful, real }) => ({ query, page: useful, real }))],
    ["noisy", told.map(({ query: { query }, noisy = [], real }) => ({ query, page: noisy, real }))],
    ["withheld", withheld.map(({ query: { query }, useful, real }) => ({ query, page: useful, real }))],
  ];
  return {
    rows: kinds.flatMap((kind) =>
      fidelityRows(
        kind,
        cases.filter(({ query }) => query.kind === kind),
        topK,
      ),
    ),
    totals: fidelityRows(ALL_KINDS, cases, topK),
    origins: origins.flatMap(([origin, pages]) => (pages.length > 0 ? [originRow(origin, pages, topK)] : [])),
  };
}

interface OriginPage extends AskedPage {
  readonly real?: Page | undefined;
}

function originRow(origin: OriginRow["origin"], pages: readonly OriginPage[], topK: number): OriginRow {
  const pairs = pages.flatMap(({ query, page, real }) => (real ? [{ query, page, real }] : []));
  return { origin, ...measurePages(pages, topK), ...(pairs.length > 0 && { agreement: agreementOf(pairs) }) };
}

function fidelityRows(kind: string, cases: readonly AuditCase[], topK: number): FidelityRow[] {
  return [true, false].flatMap((isDeserved) => {
    const alike = cases.filter((each) => each.isDeserved === isDeserved);
    return alike.length > 0 ? [fidelityRow({ kind, isDeserved }, alike, topK)] : [];
  });
}

function fidelityRow(
  which: Pick<FidelityRow, "kind" | "isDeserved">,
  cases: readonly AuditCase[],
  topK: number,
): FidelityRow {
  const holds = ({ query }: AuditCase, page: Page): boolean => holdsAnswer(page, query.question.answers);
  const known = cases.flatMap((each) => (each.real ? [{ each, isHit: holds(each, each.real) }] : []));
  const written = cases.flatMap(({ useful, noisy }) => (noisy ? [useful, noisy] : [useful]));
  return {
    ...which,
    queries: cases.length,
    real: share(known.map(({ isHit }) => isHit)),
    useful: share(cases.map((each) => holds(each, each.useful))),
    usefulWhereReal: share(known.filter(({ isHit }) => isHit).map(({ each }) => holds(each, each.useful))),
    noisy: share(cases.flatMap((each) => (each.noisy ? [holds(each, each.noisy)] : []))),
    complete: share(written.map((page) => page.length === topK)),
  };
}

function share(cases: readonly boolean[]): Share {
  return shareOf(cases.filter(Boolean).length, cases.length);
}
