/** The curves of a report. Most are a row of a table; noise, accuracy, endings and phases are drawn in their own way. */
import { STOP_REASONS } from "../../rollout/stop-reason.ts";
import type { EvaluationLine, MetricsLine } from "../run-files.ts";
import { type LineChart, type Look, lineChart, type Series } from "./chart.ts";
import { temperatureText } from "./comparisons.ts";
import type { Html } from "./html.ts";
import { METRIC, PHASE_LABELS, PHASE_PREFIX, STOP_PREFIX } from "./metric-names.ts";
import { intervalPointsOf, type Point, pointsOf } from "./series.ts";
import { type Layer, type StackedChart, stackedChart } from "./stacked-chart.ts";

/** Metrics that are drawn as smooth lines over the values of each step. */
interface MetricChart {
  readonly title: string;
  readonly unit: string;
  /** At most three, by label. */
  readonly metrics: Readonly<Record<string, string>>;
  /** What values are multiplied by: 100 makes shares per cent. */
  readonly factor?: number;
  /** Values that were set, not measured, are not smoothed. */
  readonly isSet?: boolean;
}

const REWARD: MetricChart = { title: "Reward", unit: "mean per rollout", metrics: { training: METRIC.reward } };

const SEARCHING: readonly MetricChart[] = [
  { title: "Turns", unit: "mean per rollout", metrics: { turns: METRIC.turns } },
  { title: "Searches", unit: "mean per rollout", metrics: { searches: METRIC.searches } },
  { title: "Right answers", unit: "mean, in training", metrics: { F1: METRIC.f1, "exact match": METRIC.exactMatch } },
  { title: "Answered", unit: "% of rollouts", metrics: { answered: METRIC.answered }, factor: 100 },
  { title: "Tokens written", unit: "mean per rollout", metrics: { tokens: METRIC.responseLength } },
];

const SIMULATOR: readonly MetricChart[] = [
  {
    title: "Pages that hold the answer",
    unit: "%",
    metrics: { useful: METRIC.hitRate, noisy: METRIC.leakRate, "not told": METRIC.undeservedLeakRate },
    factor: 100,
  },
  { title: "Documents", unit: "mean per page", metrics: { documents: METRIC.documentsPerPage } },
];

const OPTIMIZER: readonly MetricChart[] = [
  {
    title: "KL divergence",
    unit: "from the reference",
    metrics: { measured: METRIC.kl, "in the loss": METRIC.klLoss },
  },
  { title: "Entropy", unit: "nats per token", metrics: { entropy: METRIC.entropy } },
  { title: "Gradient norm", unit: "before clipping", metrics: { norm: METRIC.gradientNorm } },
  {
    title: "Sampler – trainer",
    unit: "log-probability, absolute",
    metrics: { mean: METRIC.logProbDifferenceMean, largest: METRIC.logProbDifferenceMax },
  },
  { title: "Policy loss", unit: "", metrics: { loss: METRIC.policyLoss } },
  { title: "Clipped", unit: "% of tokens", metrics: { clipped: METRIC.clipFraction }, factor: 100 },
  { title: "Learning rate", unit: "of the policy", metrics: { rate: METRIC.learningRate }, isSet: true },
];

const SPEED: MetricChart = {
  title: "Speed",
  unit: "tokens per second",
  metrics: { "whole step": METRIC.tokensPerSecond, sampling: METRIC.generatedTokensPerSecond },
};

type Lines = readonly MetricsLine[];

export function learningCurves(lines: Lines, evaluations: readonly EvaluationLine[]): Html[] {
  return drawn([metricChart(lines, REWARD), ...accuracyCharts(evaluations, lines.at(-1)?.step ?? 0)]);
}

export function searchingCurves(lines: Lines): Html[] {
  return [...drawn([noiseChart(lines), ...SEARCHING.map((chart) => metricChart(lines, chart))]), ...endings(lines)];
}

export function simulatorCurves(lines: Lines): Html[] {
  return drawn(SIMULATOR.map((chart) => metricChart(lines, chart)));
}

export function optimizerCurves(lines: Lines): Html[] {
  return drawn(OPTIMIZER.map((chart) => metricChart(lines, chart)));
}

export function speedCurves(lines: Lines): Html[] {
  return [...phases(lines), ...drawn([metricChart(lines, SPEED)])];
}

const LOOKS: readonly Look[] = ["first", "second", "third"];

const lookAt = (i: number): Look => LOOKS[i % LOOKS.length] ?? "first";

function metricChart(lines: Lines, { title, unit, metrics, factor = 1, isSet = false }: MetricChart): LineChart {
  const series = Object.entries(metrics).map(([label, metric], i): Series => {
    const points = scaled(pointsOf(lines, metric), factor);
    return { label, look: lookAt(i), drawnAs: isSet ? "line" : "smoothed", points };
  });
  return { title, unit, series };
}

/** Exact match of each evaluation, up to three names in a chart, so that real and simulated engines lie side by side. */
function accuracyCharts(evaluations: readonly EvaluationLine[], lastStep: number): LineChart[] {
  const temperatures = [...new Set(evaluations.map(({ temperature }) => temperature))].sort((a, b) => a - b);
  return temperatures.flatMap((temperature) => {
    const own = evaluations.filter((line) => line.temperature === temperature);
    const series = [...new Set(own.map(({ name }) => name))].map((name, i): Series => {
      const points = own.flatMap(({ name: its, step, measures }) =>
        its === name && measures ? [{ step, ...measures.exactMatch }] : [],
      );
      return { label: name, look: lookAt(i), drawnAs: "joined", points: scaled(points, 100) };
    });
    const unit = `% of unseen questions, ${temperatureText(temperature)}`;
    return inThrees(series).map((part) => ({ title: "Exact match", unit, series: part, lastStep }));
  });
}

function noiseChart(lines: Lines): LineChart {
  const realised = {
    value: METRIC.noiseRealised,
    low: METRIC.noiseRealisedLow,
    high: METRIC.noiseRealisedHigh,
  };
  return {
    title: "Noise",
    unit: "% of simulated pages",
    series: [
      { label: "realised", look: "first", drawnAs: "smoothed", points: scaled(intervalPointsOf(lines, realised), 100) },
      {
        label: "scheduled",
        look: "second",
        drawnAs: "line",
        points: scaled(pointsOf(lines, METRIC.noiseScheduled), 100),
      },
    ],
  };
}

/** How the rollouts ended that did not answer. */
function endings(lines: Lines): Html[] {
  const layers = STOP_REASONS.filter((reason) => reason !== "answered").map((reason) => ({
    label: reason.replaceAll("-", " "),
    points: pointsOf(lines, STOP_PREFIX + reason),
  }));
  return stacked({ title: "No answer", unit: "rollouts, by how they ended", layers });
}

/** Phases that take less of the time than this are shown as one, and not at all if that takes less still. */
const LEAST_PHASE_SHARE = 0.02;
const LEAST_REST_SHARE = 0.005;

/** Where the time of a step went, in the order in which phases were first entered. */
function phases(lines: Lines): Html[] {
  const sum = (points: readonly Point[]) => points.reduce((all, { value }) => all + value, 0);
  const metrics = new Set(lines.flatMap((line) => Object.keys(line.metrics)));
  const layers = [...metrics]
    .filter((metric) => metric.startsWith(PHASE_PREFIX) && metric !== METRIC.stepSeconds)
    .map((metric) => metric.slice(PHASE_PREFIX.length))
    .map((phase) => ({ label: PHASE_LABELS[phase] ?? phase, points: pointsOf(lines, PHASE_PREFIX + phase) }));
  const total = sum(layers.flatMap(({ points }) => points));
  const takes = (share: number) => (layer: Layer) => sum(layer.points) >= share * total;
  const large = layers.filter(takes(LEAST_PHASE_SHARE));
  const rest = layers.filter((layer) => !large.includes(layer)).flatMap(({ points }) => points);
  const shown = [...large, { label: "other", points: addedUp(rest) }].filter(takes(LEAST_REST_SHARE));
  const told = shown.map(({ label, points }) => ({
    label: `${label}, ${Math.round((100 * sum(points)) / total)} %`,
    points,
  }));
  return stacked({ title: "Phases", unit: "seconds per step", layers: told });
}

function addedUp(points: readonly Point[]): Point[] {
  const sums = new Map<number, number>();
  for (const { step, value } of points) sums.set(step, (sums.get(step) ?? 0) + value);
  return [...sums].map(([step, value]) => ({ step, value }));
}

function scaled(points: readonly Point[], factor: number): Point[] {
  return points.map(({ step, value, low, high }) => ({
    step,
    value: value * factor,
    ...(low !== undefined && high !== undefined && { low: low * factor, high: high * factor }),
  }));
}

function inThrees(series: readonly Series[]): (readonly Series[])[] {
  return series.flatMap((_, i) => (i % 3 === 0 ? [series.slice(i, i + 3)] : []));
}

function drawn(charts: readonly LineChart[]): Html[] {
  return charts.flatMap((chart) => lineChart(chart) ?? []);
}

function stacked(chart: StackedChart): Html[] {
  const figure = stackedChart(chart);
  return figure ? [figure] : [];
}
