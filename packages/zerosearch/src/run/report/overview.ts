/** The top of the report: what was trained, what to beware of, and the numbers that matter most. */
import { type Comparison, changeOf, hasChange, temperatureText } from "./comparisons.ts";
import { countText, dollarsText, durationText, numberText, percentText, pointsText } from "./format.ts";
import type { Heading } from "./heading.ts";
import { type Html, html } from "./html.ts";
import { METRIC } from "./metric-names.ts";
import type { RunRecord } from "./read-run.ts";
import { searchCostOf } from "./search-cost.ts";
import { pointsOf } from "./series.ts";

export function headerView(name: string, heading: Heading): Html {
  return html`<header><p class="brand">ZeroSearch</p><h1>${name}</h1><p class="lead">${sentence(heading)}</p></header>`;
}

/** What was done, in a sentence. */
export function sentence({ algorithm, stepsDone, stepsPlanned, batch, engine, seconds }: Heading): string {
  const steps = countText(stepsDone, "step", "steps");
  const isPartial = stepsPlanned !== undefined && stepsDone < stepsPlanned;
  return [
    `${algorithm ?? "Training"}, ${isPartial ? `${stepsDone} of ${countText(stepsPlanned, "step", "steps")} so far` : steps}`,
    batch && ` of ${batch}`,
    engine && `, searching: ${engine}`,
    seconds !== undefined && `, in ${durationText(seconds)}`,
    ".",
  ]
    .filter(Boolean)
    .join("");
}

export function warningsView(warnings: readonly string[]): Html | undefined {
  if (warnings.length === 0) return undefined;
  return html`<aside class="warnings"><h2>Warnings</h2><ul>${warnings.map((warning) => html`<li>${warning}</li>`)}</ul></aside>`;
}

interface Tile {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

export function tilesView(run: RunRecord, comparisons: readonly Comparison[]): Html | undefined {
  const tiles = [...accuracyTiles(comparisons), ...rewardTile(run), ...searchTile(run), ...costTile(run)];
  if (tiles.length === 0) return undefined;
  return html`<dl class="tiles">${tiles.map(
    ({ label, value, note }) => html`<div><dt>${label}</dt><dd><b>${value}</b><small>${note}</small></dd></div>`,
  )}</dl>`;
}

/** The first comparison, greedy and drawn. */
function accuracyTiles(comparisons: readonly Comparison[]): Tile[] {
  const name = comparisons[0]?.name;
  return comparisons
    .filter((comparison) => comparison.name === name)
    .slice(0, 2)
    .flatMap((comparison): Tile[] => {
      const [before, after] = [comparison.before.measures?.exactMatch, comparison.after.measures?.exactMatch];
      if (!before || !after) return [];
      const label = `Exact match on ${name}, ${temperatureText(comparison.temperature)}`;
      if (!hasChange(comparison)) {
        return [
          {
            label,
            value: `${percentText(after.value)} %`,
            note:
              comparison.after.step === 0
                ? "before training"
                : `after ${countText(comparison.after.step, "step", "steps")}`,
          },
        ];
      }
      const value = `${percentText(before.value)} → ${percentText(after.value)} %`;
      return [{ label, value, note: `${pointsText(changeOf(before, after))} points` }];
    });
}

/** Means of the first and of the last tenth of the steps. */
function rewardTile({ metrics }: RunRecord): Tile[] {
  const values = pointsOf(metrics, METRIC.reward).map(({ value }) => value);
  if (values.length < 2) return [];
  const size = Math.max(1, Math.round(values.length / 10));
  const mean = (part: readonly number[]) => numberText(part.reduce((sum, value) => sum + value, 0) / part.length);
  return [
    {
      label: "Reward in training",
      value: `${mean(values.slice(0, size))} → ${mean(values.slice(-size))}`,
      note: size === 1 ? "first and last step" : `mean of the first and last ${size} steps`,
    },
  ];
}

function searchTile({ metrics }: RunRecord): Tile[] {
  const searches = pointsOf(metrics, METRIC.searchesMade).reduce((sum, { value }) => sum + value, 0);
  const perRollout = pointsOf(metrics, METRIC.searches);
  const [first, last] = [perRollout[0], perRollout.at(-1)];
  if (searches === 0 || !first || !last) return [];
  return [
    {
      label: "Searches per rollout",
      value: `${numberText(first.value)} → ${numberText(last.value)}`,
      note: `${countText(searches, "search", "searches")} in all`,
    },
  ];
}

function costTile({ metrics }: RunRecord): Tile[] {
  const cost = searchCostOf(metrics);
  if (!cost) return [];
  return [
    {
      label: "Search API costs avoided",
      value: dollarsText(cost.dollars),
      note: `${countText(cost.searches, "search", "searches")} at ${dollarsText(cost.dollarsPer1000)} per 1,000`,
    },
  ];
}
