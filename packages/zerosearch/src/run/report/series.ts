/** Metrics as points over steps, smoothed and thinned for drawing. */
import type { MetricsLine } from "../run-files.ts";

export interface Point {
  readonly step: number;
  readonly value: number;
  /** The interval, where one is known. */
  readonly low?: number;
  readonly high?: number;
}

/** More points than this can't be told apart in a chart. */
const MOST_POINTS = 300;

/** The steps at which a metric was written as a finite number. */
export function pointsOf(lines: readonly MetricsLine[], metric: string): Point[] {
  return lines.flatMap(({ step, metrics: { [metric]: value } }) =>
    value !== undefined && Number.isFinite(value) ? [{ step, value }] : [],
  );
}

/** With the interval that two other metrics tell. */
export function intervalPointsOf(
  lines: readonly MetricsLine[],
  metrics: { readonly value: string; readonly low: string; readonly high: string },
): Point[] {
  const [lows, highs] = [metrics.low, metrics.high].map(
    (name) => new Map(pointsOf(lines, name).map(({ step, value }) => [step, value])),
  );
  return pointsOf(lines, metrics.value).map((point) => {
    const [low, high] = [lows?.get(point.step), highs?.get(point.step)];
    return low === undefined || high === undefined ? point : { ...point, low, high };
  });
}

/**
 * A kernel regression with a Gaussian of a sixteenth of the steps, at least one: unlike a running mean it does not lag.
 *
 * @param points  by ascending step; not too many, since each looks at all
 */
export function smoothed(points: readonly Point[]): Point[] {
  const span = (points.at(-1)?.step ?? 0) - (points[0]?.step ?? 0);
  const width = Math.max(1, span / 16);
  return points.map(({ step }) => {
    let [sum, weights] = [0, 0];
    for (const other of points) {
      const weight = Math.exp(-(((other.step - step) / width) ** 2) / 2);
      sum += weight * other.value;
      weights += weight;
    }
    return { step, value: sum / weights };
  });
}

/** Means of neighbours, where there are more points than a chart can show. */
export function thinned(points: readonly Point[]): readonly Point[] {
  if (points.length <= MOST_POINTS) return points;
  const size = Math.ceil(points.length / MOST_POINTS);
  const groups = Array.from({ length: Math.ceil(points.length / size) }, (_, i) =>
    points.slice(i * size, (i + 1) * size),
  );
  return groups.map((group) => {
    const mean = (of: (point: Point) => number) => group.reduce((sum, point) => sum + of(point), 0) / group.length;
    const middle = { step: mean(({ step }) => step), value: mean(({ value }) => value) };
    if (!group.every(({ low, high }) => low !== undefined && high !== undefined)) return middle;
    return { ...middle, low: mean(({ low = 0 }) => low), high: mean(({ high = 0 }) => high) };
  });
}
