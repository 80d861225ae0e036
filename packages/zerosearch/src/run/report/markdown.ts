/** The report in short, for a terminal. */
import { beforeAfterRows } from "./before-after.ts";
import { changeOf, comparisonsOf, temperatureText } from "./comparisons.ts";
import { countText, dollarsText, percentIntervalText, pointsText } from "./format.ts";
import { headingOf } from "./heading.ts";
import { sentence } from "./overview.ts";
import type { RunRecord } from "./read-run.ts";
import { searchCostOf } from "./search-cost.ts";
import { warningsOf } from "./warnings.ts";

export function reportMarkdown(run: RunRecord): string {
  const heading = headingOf(run);
  const cost = searchCostOf(run.metrics);
  const warnings = warningsOf(run);
  const parts = [
    `# ${run.name}`,
    sentence(heading) + (heading.model === undefined ? "" : ` Policy: ${heading.model}.`),
    beforeAfter(run),
    cost &&
      `${countText(cost.searches, "search was", "searches were")} simulated; a paid API would have charged ` +
        `${dollarsText(cost.dollars)} at ${dollarsText(cost.dollarsPer1000)} per 1,000.`,
    warnings.length > 0 && ["**Warnings**", "", ...warnings.map((warning) => `- ${warning}`)].join("\n"),
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function beforeAfter({ evaluations }: RunRecord): string | undefined {
  const totals = beforeAfterRows(comparisonsOf(evaluations)).filter(({ source }) => source === undefined);
  const rows = totals.map(({ comparison: { name, temperature }, questions, before, after }) => [
    `${name}, ${temperatureText(temperature)}`,
    questions.toLocaleString("en"),
    before ? percentIntervalText(before.exactMatch) : "–",
    after ? percentIntervalText(after.exactMatch) : "–",
    before && after ? pointsText(changeOf(before.exactMatch, after.exactMatch)) : "–",
  ]);
  if (rows.length === 0) return undefined;
  return markdownTable(["exact match, %", "questions", "before", "after", "change"], rows);
}

/** Columns are as wide as their widest cell, all but the first set to the right. */
function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replace(/\p{Cc}+/gu, " ").replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(" | ")} |`;
  const rule = widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [cells[0] ?? [], rule, ...cells.slice(1)].map(line).join("\n");
}
