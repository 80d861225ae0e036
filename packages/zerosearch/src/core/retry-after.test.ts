import { expect, test } from "vitest";
import { parseRetryAfter } from "./retry-after.ts";

const NOW = Date.UTC(2026, 9, 21, 7, 27, 30);

test.each([
  ["120", 120_000],
  [" 0 ", 0],
  ["1.5", 1500],
  ["Wed, 21 Oct 2026 07:28:00 GMT", 30_000],
  // The two obsolete forms of the standard.
  ["Wednesday, 21-Oct-26 07:28:00 GMT", 30_000],
  ["Wed, 21 Oct 2026 07:00:00 GMT", 0],
])("%j asks to wait %i ms", (header, expected) => {
  expect(parseRetryAfter(header, NOW)).toBe(expected);
});

test.each([undefined, null, "", "soon", "-5", "2026-10-21", "Wed, nonsense", "1e3"])("%j asks nothing", (header) => {
  expect(parseRetryAfter(header, NOW)).toBeUndefined();
});
