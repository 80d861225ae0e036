import fc from "fast-check";
import { expect, test } from "vitest";
import { placeOn, stepScale, valueScale } from "./scale.ts";

const labels = ({ ticks }: { readonly ticks: readonly { readonly label: string }[] }): string[] =>
  ticks.map(({ label }) => label);

test.each([
  // At most six ticks: 0.62 needs five at 0.2, seven at 0.1.
  { values: [0.28, 0.62], told: ["0", "0.2", "0.4", "0.6", "0.8"] },
  { values: [0, 100], told: ["0", "20", "40", "60", "80", "100"] },
  { values: [-0.029, 0.01], told: ["−0.03", "−0.02", "−0.01", "0", "0.01"] },
  { values: [-3, -1], told: ["−3", "−2", "−1", "0"] },
  { values: [7200, 0], told: ["0", "2k", "4k", "6k", "8k"] },
  { values: [1.9e-6, 1e-7], told: ["0", "5e-7", "1e-6", "1.5e-6", "2e-6"] },
])("values $values lie on few round ticks", ({ values, told }) => {
  expect(labels(valueScale(values))).toEqual(told);
});

test("values far above 0 are seen from near, but never over less than a fifth of them", () => {
  expect(labels(valueScale([93.8, 99]))).toEqual(["75", "80", "85", "90", "95", "100"]); // 0.8 · 99 = 79.2
  expect(labels(valueScale([55, 99]))).toEqual(["50", "60", "70", "80", "90", "100"]);
  expect(labels(valueScale([49, 99]))[0]).toBe("0");
});

test("values that are all 0, or none at all, have a scale", () => {
  for (const values of [[0, 0], [], [Number.NaN]]) {
    expect(valueScale(values)).toMatchObject({ low: 0, high: 1 });
  }
});

test("NaN and infinities do not count", () => {
  expect(valueScale([1, Number.NaN, Number.POSITIVE_INFINITY])).toEqual(valueScale([1]));
});

test("steps end where they end and have whole numbers as ticks", () => {
  expect(stepScale(1, 40)).toMatchObject({ low: 1, high: 40 });
  expect(labels(stepScale(1, 40))).toEqual(["10", "20", "30", "40"]);
  expect(labels(stepScale(0, 3))).toEqual(["0", "1", "2", "3"]);
  expect(labels(stepScale(0, 12_000))).toEqual(["0", "5k", "10k"]); // seven ticks at 2k are too many
});

test("a single step lies in the middle, with the only tick", () => {
  expect(placeOn(stepScale(7, 7), 7)).toBe(0.5);
  expect(labels(stepScale(7, 7))).toEqual(["7"]);
});

test("every value lies on its scale, between two and six ticks that ascend by one step", () => {
  const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });
  fc.assert(
    fc.property(fc.array(finite, { minLength: 1, maxLength: 8 }), (values) => {
      const scale = valueScale(values.map((value) => (Math.abs(value) < 1e-9 ? 0 : value)));
      const { low, high, ticks } = scale;
      const step = (high - low) / (ticks.length - 1);
      return (
        ticks.length >= 2 &&
        ticks.length <= 6 &&
        values.every((value) => value >= low - 1e-9 && value <= high + 1e-9) &&
        ticks.every(({ value }, i) => Math.abs(value - (low + i * step)) <= 1e-6 * step)
      );
    }),
  );
});
