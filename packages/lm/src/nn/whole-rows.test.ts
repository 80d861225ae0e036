import { Generator, getBlasThreads, getThreads, randn, setBlasThreads, setThreads, tidy } from "@zerosearch/torch";
import { afterEach, expect, test } from "vitest";
import { Engine } from "../generation/engine.ts";
import { tinyDecoder } from "../testing/tiny-decoder.ts";
import { onWholeRows } from "./whole-rows.ts";

const threads = getThreads();
const blasThreads = getBlasThreads();
afterEach(() => {
  setThreads(threads);
  setBlasThreads(blasThreads);
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

test("on four threads a long prompt read at once or in parts gives the same log-probabilities", async () => {
  setThreads(4);
  setBlasThreads(1);
  using decoder = tinyDecoder(0, { num_hidden_layers: 1, intermediate_size: 1024 });
  const prompt = Array.from({ length: 67 }, (_, i) => (i * 31) % 160);
  const tokens = [];
  for (const maxPrefillTokens of [32, 2048]) {
    using engine = new Engine(decoder, { maxPrefillTokens });
    const { tokens: generated } = await engine.add({ prompt, maxTokens: 2, seed: 1 }).result;
    tokens.push(generated);
  }
  expect(tokens[0]).toEqual(tokens[1]);
});
