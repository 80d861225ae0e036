/** An audit as tables, and as a page of them. */
import type { Share } from "../search/simulator/simulation-statistics.ts";
import type { AuditFindings, FidelityRow, OriginRow } from "./audit-findings.ts";
import type { AuditReport } from "./audit-simulator.ts";

/** Cells under a head; the first column names the row, the others hold numbers. */
export interface AuditTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function auditTables({ rows, totals, origins }: AuditFindings): AuditTable[] {
  return [
    {
      title: "Share of pages with an answer",
      head: ["queries of kind", "truth", "queries", "real", "useful", "noisy", "complete"],
      rows: [...rows, ...totals].map(fidelityCells),
    },
    {
      title: "Pages",
      head: ["", "pages", "parsed", "documents", "words", "different", "word pairs", "repeated", "as real", "verbatim"],
      rows: origins.map(originCells),
    },
  ];
}

function fidelityCells({ kind, isDeserved, queries, real, useful, noisy, complete }: FidelityRow): string[] {
  return [kind, isDeserved ? "told" : "withheld", String(queries), ...[real, useful, noisy, complete].map(shareCell)];
}

function originCells(row: OriginRow): string[] {
  const { origin, pages, parsed, documentsPerPage, wordsPerDocument, agreement } = row;
  return [
    origin,
    String(pages),
    shareCell(parsed),
    documentsPerPage.toFixed(1),
    wordsPerDocument.toFixed(1),
    ...[row.distinctPages, row.distinctPairs, row.repeatedDocuments].map(shareCell),
    agreement ? agreement.words.toFixed(2) : NONE,
    agreement ? shareCell(agreement.documents) : NONE,
  ];
}

/** Where there was no case. */
const NONE = "–";

function shareCell({ share }: Share): string {
  return share === undefined ? NONE : share.toFixed(2);
}

/** The whole report in Markdown. */
export function auditMarkdown(report: AuditReport): string {
  const { simulator, real, shortfalls } = report;
  const verdict =
    shortfalls.length === 0 ? ["It keeps every threshold."] : shortfalls.map((sentence) => `- ${sentence}`);
  const parts = [
    "# Audit of a simulator",
    verdict.join("\n"),
    ...auditTables(report).map(
      ({ title, head, rows }) =>
        `## ${title}\n\n${[head, head.map((_, at) => (at === 0 ? "---" : "---:")), ...rows].map(markdownRow).join("\n")}`,
    ),
    "Where the truth is withheld both labels give the same page.",
    `## What was audited\n\n${Object.entries({ simulator, real })
      .map(([name, value]) => `${name}: \`${JSON.stringify(value)}\``)
      .join("\n\n")}`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}
