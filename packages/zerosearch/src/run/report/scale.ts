/** Axes: a range of values as places between 0 and 1, with few round ticks. */

export interface Scale {
  readonly low: number;
  readonly high: number;
  /** Ascending, inside the range. */
  readonly ticks: readonly Tick[];
}

interface Tick {
  readonly value: number;
  readonly label: string;
}

/** Where a value lies, 0 at the low end and 1 at the high one. */
export function placeOn({ low, high }: Scale, value: number): number {
  return (value - low) / (high - low);
}

/**
 * A scale that begins and ends on a tick. It holds 0, so that heights compare, unless all values are far above: then it
 * begins near them, but not so near that noise fills it.
 *
 * @param values  those that are no finite numbers do not count
 */
export function valueScale(values: readonly number[], mostTicks = 6): Scale {
  const finite = values.filter(Number.isFinite);
  const least = finite.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const greatest = finite.reduce((high, value) => Math.max(high, value), 0);
  const low = least > greatest / 2 ? Math.min(least, 0.8 * greatest) : Math.min(least, 0);
  const [from, to] = greatest > low ? [low, greatest] : [0, 1];
  const count = (step: number) => Math.ceil(to / step) - Math.floor(from / step) + 1;
  const step = tickStep(to - from, mostTicks, count);
  const [first, last] = [Math.floor(from / step), Math.ceil(to / step)];
  return { low: first * step, high: last * step, ticks: ticksBetween(first, last, step) };
}

/** A scale over training steps: it ends where they end, and its ticks are whole numbers. A single step lies in the middle. */
export function stepScale(first: number, last: number, mostTicks = 6): Scale {
  const count = (candidate: number) => Math.floor(last / candidate) - Math.ceil(first / candidate) + 1;
  const step = Math.max(1, tickStep(Math.max(1, last - first), mostTicks, count));
  const ticks = ticksBetween(Math.ceil(first / step), Math.floor(last / step), step);
  return last > first ? { low: first, high: last, ticks } : { low: first - 1, high: first + 1, ticks };
}

/** The least of 1, 2, 5, 10, 20 … and their tenths that makes few enough ticks. */
function tickStep(span: number, most: number, count: (step: number) => number): number {
  for (let exponent = Math.floor(Math.log10(span)) - 1; ; exponent++) {
    for (const digit of [1, 2, 5]) {
      const step = exponent < 0 ? digit / 10 ** -exponent : digit * 10 ** exponent;
      if (count(step) <= most) return step;
    }
  }
}

function ticksBetween(first: number, last: number, step: number): Tick[] {
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const value = (first + i) * step;
    return { value, label: tickLabel(value, decimals, step) };
  });
}

function tickLabel(value: number, decimals: number, step: number): string {
  if (value === 0) return "0";
  if (step >= 1000) return `${tickLabel(value / 1000, 0, 0)}k`;
  const size = Math.abs(value);
  const text =
    decimals > 4
      ? Number(size.toPrecision(3)).toExponential()
      : size.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  return value < 0 ? `−${text}` : text;
}
