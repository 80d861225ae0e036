/** The table of what training has changed: exact match with intervals, by evaluation, temperature and source. */
import type { Interval } from "../../core/statistics.ts";
import type { EvaluationMeasures } from "../../reward/evaluation-summary.ts";
import type { EvaluationLine } from "../run-files.ts";
import { type Comparison, changeOf, hasChange, temperatureText } from "./comparisons.ts";
import { percentText, pointsText } from "./format.ts";
import { type Html, html } from "./html.ts";

/** One row: all questions of a comparison, or those of one source. Measures are absent where every rollout failed. */
export interface BeforeAfterRow {
  readonly comparison: Comparison;
  /** Absent for all questions. */
  readonly source?: string;
  readonly questions: number;
  readonly before: EvaluationMeasures | undefined;
  /** Undefined also where there was only one evaluation. */
  readonly after: EvaluationMeasures | undefined;
}

/** Of every comparison a row for all its questions, then one per source where there are several. */
export function beforeAfterRows(comparisons: readonly Comparison[]): BeforeAfterRow[] {
  return comparisons.flatMap((comparison) => {
    const { before, after } = comparison;
    const later: Partial<EvaluationLine> = hasChange(comparison) ? after : {};
    const all = { comparison, questions: after.questions, before: before.measures, after: later.measures };
    const sources = Object.entries(after.bySource);
    if (sources.length < 2) return [all];
    return [
      all,
      ...sources.map(([source, { questions }]) => ({
        comparison,
        source,
        questions,
        before: before.bySource[source]?.measures,
        after: later.bySource?.[source]?.measures,
      })),
    ];
  });
}

export function beforeAfterTable(comparisons: readonly Comparison[]): Html {
  return html`<div class="scroll"><table class="comparison">
<thead><tr><th scope="col">Evaluation</th><th scope="col" class="number extra">Questions</th><th scope="col" class="number">Before, %</th><th scope="col" class="number">After, %</th><th scope="col" class="range extra"><p><span>0</span><span>exact match</span><span>100</span></p></th><th scope="col" class="number">Change, points</th><th scope="col" class="number extra">F1, %</th><th scope="col" class="number extra">Searches</th></tr></thead>
<tbody>${beforeAfterRows(comparisons).map(tableRow)}</tbody>
</table></div>`;
}

function tableRow({ comparison, source, questions, before, after }: BeforeAfterRow): Html {
  const { name, temperature } = comparison;
  const title =
    source === undefined
      ? html`<b>${name}</b> ${temperatureText(temperature)} <small>${comparison.after.engine.name}</small>`
      : html`${source}`;
  const exact = (measures: EvaluationMeasures | undefined) => measures?.exactMatch;
  const moved = (of: keyof EvaluationMeasures, text: (value: number) => string) =>
    [before, after].flatMap((measures) => (measures ? [text(measures[of].value)] : [])).join(" → ");
  return html`<tr class="${source === undefined ? "all" : "source"}"><th scope="row">${title}</th><td class="number extra">${questions.toLocaleString("en")}</td><td class="number">${intervalView(exact(before))}</td><td class="number">${intervalView(exact(after))}</td><td class="range extra">${rangeView(exact(before), exact(after))}</td><td class="number">${changeView(exact(before), exact(after))}</td><td class="number extra">${moved("f1", percentText)}</td><td class="number extra">${moved("searches", (mean) => mean.toFixed(2))}</td></tr>`;
}

function intervalView(interval: Interval | undefined): Html {
  if (!interval) return html`–`;
  return html`<b>${percentText(interval.value)}</b> <small>${percentText(interval.low)}–${percentText(interval.high)}</small>`;
}

function changeView(before: Interval | undefined, after: Interval | undefined): Html {
  if (!before || !after) return html`–`;
  const [change, interval] = pointsText(changeOf(before, after)).split(" (");
  return html`<b>${change}</b> <small>${interval?.replace(")", "")}</small>`;
}

/** Both intervals as lines between 0 and 1, the earlier above. */
function rangeView(before: Interval | undefined, after: Interval | undefined): Html {
  const line = (interval: Interval | undefined, look: string, y: number) =>
    interval &&
    html`<path class="line ${look}" d="M${1000 * interval.low} ${y}H${1000 * interval.high}"/><path class="dot ${look}" d="M${1000 * interval.value} ${y}h0"/>`;
  return html`<svg viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true"><path class="grid" d="M0 0V20M500 0V20M1000 0V20"/>${line(before, "second", 6)}${line(after, "first", 14)}</svg>`;
}
