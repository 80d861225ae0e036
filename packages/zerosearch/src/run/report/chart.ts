/**
 * Curves over training steps as inline SVG. The drawing stretches with the page while its lines keep their width; what
 * is written stands beside it as text, so that it can be read at any size.
 */
import { numberText } from "./format.ts";
import { type Html, html } from "./html.ts";
import { placeOn, type Scale, stepScale, valueScale } from "./scale.ts";
import { type Point, smoothed, thinned } from "./series.ts";

/** Told apart by stroke and marker as well as by colour: solid and round, dashed and square, dotted and hollow. */
export type Look = "first" | "second" | "third";

export interface Series {
  readonly label: string;
  readonly look: Look;
  /** `smoothed`: a smooth line over faint points. `joined`: points that a line joins. `line`: the line alone. */
  readonly drawnAs: "smoothed" | "joined" | "line";
  /** Ascending. Where they have intervals, these are drawn as a band. */
  readonly points: readonly Point[];
}

export interface LineChart {
  readonly title: string;
  /** What the values are, such as `mean per rollout` or `%`. */
  readonly unit: string;
  readonly series: readonly Series[];
  /** How far the steps go at least, from 0. By default the points alone decide. */
  readonly lastStep?: number;
}

/** Units of the drawing, each way. */
const SIZE = 1000;

/** @returns undefined if no series has a point */
export function lineChart({ title, unit, series, lastStep }: LineChart): Html | undefined {
  const drawn = series.filter(({ points }) => points.length > 0).map(prepare);
  if (drawn.length === 0) return undefined;
  const all = drawn.flatMap(({ points }) => points);
  const scales = {
    steps: stepsOf(lastStep === undefined ? all : [...all, { step: 0 }, { step: lastStep }]),
    values: valueScale(all.flatMap(({ value, low = value, high = value }) => [value, low, high])),
  };
  const shapes = [...drawn.flatMap((one) => bandOf(one, scales)), ...drawn.flatMap((one) => marksOf(one, scales))];
  const legend = drawn.map(({ label, look, curve }) => ({
    label,
    swatch: html`<svg class="swatch ${look}" viewBox="0 0 30 10" aria-hidden="true"><path class="line" d="M1 5H29"/><path class="dot" d="M15 5h0"/></svg>`,
    points: curve,
  }));
  return chartFigure({ title, unit, ...scales, shapes, legend });
}

interface Scales {
  readonly steps: Scale;
  readonly values: Scale;
}

export interface LegendEntry {
  readonly label: string;
  readonly swatch: Html;
  /** What is read off where somebody points. */
  readonly points: readonly Point[];
}

interface ChartFigure extends Scales {
  readonly title: string;
  readonly unit: string;
  readonly shapes: readonly Html[];
  readonly legend: readonly LegendEntry[];
}

/** Axes, legend and readings around a drawing. */
export function chartFigure({ title, unit, steps, values, shapes, legend }: ChartFigure): Html {
  const percent = (scale: Scale, value: number) => `${decimal(100 * placeOn(scale, value))}%`;
  const grid = values.ticks.map(({ value }) => `M0 ${y(values, value)}H${SIZE}`).join("");
  const readings = { first: steps.low, last: steps.high, rows: legend.map(({ points }) => rowOf(points)) };
  const lastStep = Math.round(Math.max(...legend.flatMap(({ points }) => points.at(-1)?.step ?? [])));
  return html`<figure class="chart" data-readings="${JSON.stringify(readings)}">
<figcaption><h3>${title} <small>${unit}</small></h3><p class="at">step <span data-step>${lastStep}</span></p></figcaption>
<ul class="legend">${legend.map(
    ({ label, swatch, points }) =>
      html`<li>${swatch}<span>${label}</span> <b data-value>${numberText(points.at(-1)?.value ?? Number.NaN)}</b></li>`,
  )}</ul>
<div class="y-axis" aria-hidden="true">${values.ticks.map(
    ({ value, label }) => html`<span style="bottom:${percent(values, value)}">${label}</span>`,
  )}</div>
<div class="plot"><svg viewBox="0 0 ${SIZE} ${SIZE}" preserveAspectRatio="none" role="img" aria-label="${spoken(title, unit, legend)}"><path class="grid" d="${grid}"/>${values.low <= 0 && html`<path class="zero" d="M0 ${y(values, 0)}H${SIZE}"/>`}${shapes}</svg><i class="cursor" hidden></i></div>
<div class="corner" aria-hidden="true">step</div>
<div class="x-axis" aria-hidden="true">${steps.ticks.map(
    ({ value, label }) => html`<span style="left:${percent(steps, value)}">${label}</span>`,
  )}</div>
</figure>`;
}

/** The scale that all these points lie on. */
export function stepsOf(points: readonly Pick<Point, "step">[]): Scale {
  const steps = points.map(({ step }) => step);
  return stepScale(Math.min(...steps), Math.max(...steps));
}

/** The outline of an area: along its upper edge, back along the lower. */
export function areaPath(scales: Scales, upper: readonly Point[], lower: readonly Point[]): string {
  return `${linePath(scales, upper)}${linePath(scales, [...lower].reverse()).replace("M", "L")}Z`;
}

interface Prepared extends Series {
  /** What the line follows. */
  readonly curve: readonly Point[];
}

function prepare(series: Series): Prepared {
  const points = thinned(series.points);
  return { ...series, points, curve: series.drawnAs === "smoothed" ? smoothed(points) : points };
}

function bandOf({ look, points }: Prepared, scales: Scales): Html[] {
  const bounded = points.flatMap(({ step, low, high }) =>
    low === undefined || high === undefined ? [] : [{ step, low, high }],
  );
  if (bounded.length === 0) return [];
  const edge = (of: "low" | "high") => bounded.map((point) => ({ step: point.step, value: point[of] }));
  return [html`<path class="band ${look}" d="${areaPath(scales, edge("high"), edge("low"))}"/>`];
}

function marksOf({ look, drawnAs, points, curve }: Prepared, scales: Scales): Html[] {
  const dots = points.map(({ step, value }) => `M${x(scales.steps, step)} ${y(scales.values, value)}h0`).join("");
  const hasDots = drawnAs === "joined" || points.length === 1;
  return [
    ...(drawnAs === "smoothed" ? [html`<path class="dot faint ${look}" d="${dots}"/>`] : []),
    html`<path class="line ${look}" d="${linePath(scales, curve)}"/>`,
    ...(hasDots ? [html`<path class="dot ${look}" d="${dots}"/>`] : []),
    ...(hasDots && look === "third" ? [html`<path class="hole" d="${dots}"/>`] : []),
  ];
}

function linePath({ steps, values }: Scales, points: readonly Point[]): string {
  return points.map(({ step, value }, i) => `${i === 0 ? "M" : "L"}${x(steps, step)} ${y(values, value)}`).join("");
}

function x(scale: Scale, step: number): number {
  return decimal(SIZE * placeOn(scale, step));
}

function y(scale: Scale, value: number): number {
  return decimal(SIZE * (1 - placeOn(scale, value)));
}

function decimal(value: number): number {
  return Math.round(value * 10) / 10;
}

function rowOf(points: readonly Point[]): (readonly [step: number, text: string])[] {
  return points.map(({ step, value }) => [Math.round(step), numberText(value)] as const);
}

/** The curves in words. */
function spoken(title: string, unit: string, legend: readonly LegendEntry[]): string {
  const curves = legend.map(({ label, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    const values = points.map(({ value }) => value);
    const range = `between ${numberText(Math.min(...values))} and ${numberText(Math.max(...values))}`;
    return first && last
      ? `${label}: from ${numberText(first.value)} at step ${Math.round(first.step)} to ${numberText(last.value)} at step ${Math.round(last.step)}, ${range}.`
      : "";
  });
  return `${title}, ${unit}. ${curves.join(" ")}`;
}
