import { expect, test } from "vitest";
import { countText, dollarsText, durationText, numberText, percentIntervalText, pointsText } from "./format.ts";

test.each([
  [0.012345, "0.0123"],
  [12.345, "12.3"],
  [99.96, "100"],
  [1234.5, "1,235"],
  [-0.5, "−0.5"],
  [1.2e-7, "1.2e-7"],
  [-2e-7, "−2e-7"],
  [0, "0"],
  [Number.NaN, "–"],
])("%d has three significant digits: %s", (value, text) => {
  expect(numberText(value)).toBe(text);
});

test("shares are told in per cent, their differences in points", () => {
  expect(percentIntervalText({ value: 0.367, low: 0.314, high: 0.4229 })).toBe("36.7 (31.4–42.3)");
  expect(pointsText({ value: 0.05, low: -0.012, high: 0.112 })).toBe("+5.0 (−1.2 to +11.2)");
});

test.each([
  [4.21, "4.21 s"],
  [138.4, "2 min 18 s"],
  [7500, "2 h 05 min"],
])("%d seconds are %s", (seconds, text) => {
  expect(durationText(seconds)).toBe(text.replaceAll(" ", "\u00a0"));
});

test("amounts of money and of things", () => {
  expect([586.67, 15.000000000000002, 9.1667].map(dollarsText)).toEqual(["$587", "$15", "$9.17"]);
  expect(countText(1, "search", "searches")).toBe("1 search");
  expect(countText(17_280, "search", "searches")).toBe("17,280 searches");
});
