import { expect, test } from "vitest";
import { lineChart } from "./chart.ts";
import { stackedChart } from "./stacked-chart.ts";

const chart = (points: readonly { step: number; value: number; low?: number; high?: number }[]): string =>
  lineChart({ title: "T", unit: "u", series: [{ label: "s", look: "first", drawnAs: "joined", points }] })?.markup ??
  "";

test("points lie where the axes put them, in thousandths from the upper left", () => {
  // Steps 1 to 3; values 0 to 1, so that 0.25 lies at three quarters of the height.
  const markup = chart([
    { step: 1, value: 0 },
    { step: 2, value: 1 },
    { step: 3, value: 0.25 },
  ]);
  expect(markup).toContain('class="line first" d="M0 1000L500 0L1000 750"');
});

test("a band goes along the upper ends and back along the lower ones", () => {
  const markup = chart([
    { step: 0, value: 0.5, low: 0, high: 1 },
    { step: 10, value: 0.5, low: 0.25, high: 0.75 },
  ]);
  expect(markup).toContain('class="band first" d="M0 0L1000 250L1000 750L0 1000Z"');
});

test("a chart says in words what it shows", () => {
  const markup = chart([
    { step: 1, value: 0.5 },
    { step: 2, value: 0.1 },
    { step: 3, value: 0.8 },
  ]);
  expect(markup).toContain('aria-label="T, u. s: from 0.5 at step 1 to 0.8 at step 3, between 0.1 and 0.8."');
});

test("a series without points is left out, and a chart without series too", () => {
  expect(chart([])).toBe("");
  const two = lineChart({
    title: "T",
    unit: "",
    series: [
      { label: "missing", look: "first", drawnAs: "line", points: [] },
      { label: "there", look: "second", drawnAs: "line", points: [{ step: 1, value: 1 }] },
    ],
  });
  expect(two?.markup).not.toContain("missing");
  expect(two?.markup).toContain("there");
});

test("layers lie on each other, the first at the bottom, and are held for their step", () => {
  const points = (values: readonly number[]) => values.map((value, i) => ({ step: i + 1, value }));
  const markup = stackedChart({
    title: "T",
    unit: "s",
    layers: [
      { label: "lower", points: points([2, 4]) },
      { label: "empty", points: points([0, 0]) },
      { label: "upper", points: points([2, 6]) },
    ],
  })?.markup;
  // Heights of 10 in all; from 4 to 10 at step 2, which begins halfway from step 1.
  expect(markup).toContain(
    'class="layer layer-0" d="M0 800L500 800L500 600L1000 600L1000 1000L500 1000L500 1000L0 1000Z"',
  );
  expect(markup).toContain('class="layer layer-1" d="M0 600L500 600L500 0L1000 0L1000 600L500 600L500 800L0 800Z"');
  expect(markup).not.toContain("empty");
  expect(markup?.indexOf("upper")).toBeLessThan(markup?.indexOf("lower") ?? 0);
});

test("steps to come have their place where a chart is told how far they go", () => {
  const early = lineChart({
    title: "T",
    unit: "u",
    series: [{ label: "s", look: "first", drawnAs: "joined", points: [{ step: 10, value: 1 }] }],
    lastStep: 40,
  });
  expect(early?.markup).toContain('class="dot first" d="M250 0h0"');
});
