/** Numbers as people read them, on the page and on the terminal. */
import type { Interval } from "../../core/statistics.ts";

const MINUS = "−";

/** Three significant digits, such as `0.0123`, `12.3`, `1,230`, `1.2e-7`. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 1e-3 || size >= 1e7) return signed(value.toExponential(1).replace(".0e", "e").replace("e+", "e"));
  if (size >= 1000) return signed(Math.round(value).toLocaleString("en"));
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(size)));
  return signed(String(Number(value.toFixed(decimals))));
}

/** A share in per cent, such as `36.7`. */
export function percentText(share: number): string {
  return signed((100 * share).toFixed(1));
}

/** Such as `36.7 (31.4–42.3)`, in per cent. */
export function percentIntervalText({ value, low, high }: Interval): string {
  return `${percentText(value)} (${percentText(low)}–${percentText(high)})`;
}

/** A difference of two shares in percentage points, such as `+32.3 (+24.6 to +39.6)`. */
export function pointsText({ value, low, high }: Interval): string {
  const points = (share: number) => (share >= 0 ? "+" : "") + percentText(share);
  return `${points(value)} (${points(low)} to ${points(high)})`;
}

/** Such as `2 h 05 min`, `3 min 20 s`, `4.2 s`, which no line break parts. */
export function durationText(seconds: number): string {
  const rounded = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  if (seconds < 60) return `${numberText(seconds)}\u00a0s`;
  if (rounded < 3600) return `${Math.floor(rounded / 60)}\u00a0min\u00a0${two(rounded % 60)}\u00a0s`;
  return `${Math.floor(rounded / 3600)}\u00a0h\u00a0${two(Math.floor((rounded % 3600) / 60))}\u00a0min`;
}

/** Such as `$158`, `$15` or `$2.50`. */
export function dollarsText(dollars: number): string {
  const decimals = dollars >= 100 || Math.round(100 * dollars) % 100 === 0 ? 0 : 2;
  return `$${dollars.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals })}`;
}

/** Such as `1 search`, `17,280 searches`. */
export function countText(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}

function signed(text: string): string {
  return text.replaceAll("-", (_, at: number) => (at === 0 ? MINUS : "-"));
}
