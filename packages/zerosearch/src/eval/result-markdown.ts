/** `result.md`: a result as a text, to be pasted where results are compared. */
import { percentIntervalText, percentText } from "../run/report/format.ts";
import { type EvaluationResult, meanOfSources, type Scores } from "./evaluation-result.ts";
import { resultFacts } from "./result-facts.ts";

export function resultMarkdown(result: EvaluationResult): string {
  const { baseline, model } = result.config;
  const sources = Object.entries(result.bySource);
  const rows = sources.map(([source, scores]) => scoresRow(source, scores));
  if (sources.length > 1) rows.push(meanRow(result), scoresRow("**all questions**", result));
  return [
    `# ${baseline} with ${model.path}`,
    "",
    "| source | n | exact match, % | cover exact match, % | F1, % | answered, % | searches | turns | tokens | failed |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
    "",
    "In parentheses: 95 % intervals. Every question counts; one that failed counts as wrong.",
    "",
    ...resultFacts(result).map(([name, value]) => `- ${name}: ${value}`),
    "",
  ].join("\n");
}

function scoresRow(title: string, { questions, failed, measures }: Scores): string {
  const { exactMatch, coverExactMatch, f1, answered, searches, turns, tokens } = measures;
  return tableRow([
    title,
    String(questions),
    ...[exactMatch, coverExactMatch, f1, answered].map(percentIntervalText),
    searches.value.toFixed(2),
    turns.value.toFixed(2),
    tokens.value.toFixed(0),
    String(failed),
  ]);
}

/** What papers call the average: each source counts alike. */
function meanRow({ bySource }: EvaluationResult): string {
  const means = (["exactMatch", "coverExactMatch", "f1"] as const).map((of) =>
    percentText(meanOfSources(bySource, of)),
  );
  return tableRow(["mean of sources", "", ...means, "", "", "", "", ""]);
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}
