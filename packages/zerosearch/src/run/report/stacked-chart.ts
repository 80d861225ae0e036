/** Amounts that add up, stacked over training steps. */
import { areaPath, chartFigure, type LegendEntry, stepsOf } from "./chart.ts";
import { type Html, html } from "./html.ts";
import { valueScale } from "./scale.ts";
import { type Point, thinned } from "./series.ts";

export interface Layer {
  readonly label: string;
  /** A missing step counts as 0. */
  readonly points: readonly Point[];
}

export interface StackedChart {
  readonly title: string;
  readonly unit: string;
  /** From the bottom up. */
  readonly layers: readonly Layer[];
}

/** The legend lists layers from the top down, as they lie. @returns undefined if all layers are empty */
export function stackedChart({ title, unit, layers }: StackedChart): Html | undefined {
  const filled = alignedLayers(layers);
  if (filled.length === 0) return undefined;
  const edges = runningSums(filled.map(({ points }) => points));
  const scales = {
    steps: stepsOf(edges.flat()),
    values: valueScale(edges.flatMap((points) => points.map(({ value }) => value))),
  };
  const stairs = edges.map(stairsOf);
  const shapes = filled.map((_, i) => {
    const [lower = [], upper = []] = [stairs[i], stairs[i + 1]];
    return html`<path class="layer layer-${i % LAYER_LOOKS}" d="${areaPath(scales, upper, lower)}"/>`;
  });
  const legend = filled.map(
    ({ label, points }, i): LegendEntry => ({
      label,
      swatch: html`<svg class="swatch" viewBox="0 0 30 10" aria-hidden="true"><rect class="layer layer-${i % LAYER_LOOKS}" width="30" height="10" rx="2"/></svg>`,
      points,
    }),
  );
  return chartFigure({ title, unit, ...scales, shapes, legend: legend.reverse() });
}

/** How many fills the style sheet has. */
const LAYER_LOOKS = 8;

/** Layers that are not zero everywhere, each with a value at every step. */
function alignedLayers(layers: readonly Layer[]): Layer[] {
  const steps = [...new Set(layers.flatMap(({ points }) => points.map(({ step }) => step)))].sort((a, b) => a - b);
  return layers
    .filter(({ points }) => points.some(({ value }) => value > 0))
    .map(({ label, points }) => {
      const values = new Map(points.map(({ step, value }) => [step, value]));
      return { label, points: thinned(steps.map((step) => ({ step, value: values.get(step) ?? 0 }))) };
    });
}

/** The edges between layers, from the baseline up. */
function runningSums(layers: readonly (readonly Point[])[]): (readonly Point[])[] {
  const baseline = (layers[0] ?? []).map(({ step }) => ({ step, value: 0 }));
  const edges: (readonly Point[])[] = [baseline];
  for (const points of layers) {
    const below = edges.at(-1) ?? baseline;
    edges.push(points.map(({ step, value }, i) => ({ step, value: value + (below[i]?.value ?? 0) })));
  }
  return edges;
}

/** Each value held as far as halfway to its neighbours: a slope would tell of steps that there were not. */
function stairsOf(points: readonly Point[]): Point[] {
  return points.flatMap(({ step, value }, i) => {
    const [before, after] = [points[i - 1]?.step ?? step, points[i + 1]?.step ?? step];
    return [
      { step: (before + step) / 2, value },
      { step: (step + after) / 2, value },
    ];
  });
}
