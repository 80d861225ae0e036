import { compareResults, type PairedComparison, type ResultComparison, readCompared } from "@zerosearch/zerosearch";
import pc from "picocolors";
import { textTable } from "../text-table.ts";

/** `zerosearch compare`: whether the second of two evaluations is better than the first. */
export async function runCompare(first: string, second: string, { json }: { readonly json: boolean }): Promise<void> {
  const comparison = compareResults(await readCompared(first), await readCompared(second));
  if (json) {
    console.log(JSON.stringify(comparison));
    return;
  }
  console.log(`A ${first}\nB ${second}\n`);
  console.log(comparisonText(comparison));
  const { engineDifferences } = comparison;
  if (engineDifferences === null) console.error(pc.dim("what was searched is not known of both"));
  else if (engineDifferences.length > 0) {
    console.error(`${pc.yellow("warning")} the engines differ, not only what searched them:`);
    for (const difference of engineDifferences) console.error(`  ${difference}`);
  }
}

function comparisonText({ bySource, ...all }: ResultComparison): string {
  const sources = Object.entries(bySource);
  const rows = sources.length > 1 ? [...sources, ["all questions", all] as const] : sources;
  return textTable([
    ["%", "n", "", "A", "B", "B − A", "95 % interval", "p"],
    ...rows.flatMap(([title, comparison]) => comparisonRows(title, comparison)),
  ]);
}

function comparisonRows(title: string, { questions, exactMatch, f1 }: PairedComparison): string[][] {
  return [
    [title, `${questions}`, "exact match", ...cells(exactMatch)],
    ["", "", "F1", ...cells(f1)],
  ];
}

function cells({ first, second, difference, pValue }: PairedComparison["f1"]): string[] {
  const percent = (value: number): string => (100 * value).toFixed(1);
  const signed = (value: number): string => `${value >= 0 ? "+" : "−"}${percent(Math.abs(value))}`;
  const p = pValue < 0.001 ? "< 0.001" : pValue.toFixed(3);
  return [
    percent(first),
    percent(second),
    signed(difference.value),
    `${signed(difference.low)} to ${signed(difference.high)}`,
    p,
  ];
}
