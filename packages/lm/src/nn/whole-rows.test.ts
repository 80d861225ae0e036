import { Generator, getThreads, randn, setThreads, tidy } from "@zerosearch/torch";
import { afterEach, expect, test } from "vitest";
import { onWholeRows } from "./whole-rows.ts";

const threads = getThreads();
afterEach(() => {
  setThreads(threads);
});

test.each([2, 3, 4])("on %i threads a row of many gets the bits it gets alone", (count) => {
  setThreads(count);
  using generator = new Generator(0);
  for (const [rows, width] of [
    [67, 1024],
    [257, 256],
    [70, 1000],
  ] as const) {
    tidy(() => {
      const x = randn([rows, width], { generator });
      const all = onWholeRows([x], (part) => part.silu());
      const step = width % 64 === 0 ? 1 : 8;
      for (let row = 0; row + step <= rows; row += step) {
        expect(all.narrow(0, row, step).equal(x.narrow(0, row, step).silu())).toBe(true);
      }
    });
  }
});
