import { Generator, PackedWeight, randn, type Summation, tidy } from "@zerosearch/torch";
import { expect, test } from "vitest";
import { FAST_SUMMATION, findSummation, type SummationProbe } from "./summation.ts";

/** What a library would give that sums so, for weights with so many inputs. */
function probes(summations: readonly Summation[]): SummationProbe[] {
  using generator = new Generator(0);
  return summations.map((summation) => {
    const size = summation.parts.reduce((sum, part) => sum + part, 0);
    const packed = new PackedWeight(randn([40, size], { generator }));
    const inputs = randn([12, size], { generator });
    const bias = randn([40], { generator });
    return { packed, inputs, bias, expected: packed.linear(inputs, summation, bias) };
  });
}

function found(summations: readonly Summation[], sizes: readonly number[]): (Summation | undefined)[] {
  return tidy(() => {
    const all = probes(summations);
    const rule = findSummation(all);
    for (const { packed } of all) packed.dispose();
    return sizes.map((size) => rule?.(size));
  });
}

test("parts of one length, as MKL cuts sums, are found from long sums and hold for others", () => {
  const long = { parts: [192, 192, 192, 24], isFused: true };
  expect(found([long], [100, 192, 300])).toEqual([
    { parts: [100], isFused: true },
    { parts: [192], isFused: true },
    { parts: [192, 108], isFused: true },
  ]);
});

test("halves between one and two lengths, as OpenBLAS cuts sums, are found, and rounding twice", () => {
  const seen = [
    { parts: [384, 384, 320, 320], isFused: false },
    { parts: [256, 256], isFused: false },
  ];
  expect(found(seen, [1408, 512, 4864])).toEqual([
    ...seen,
    { parts: [...new Array<number>(11).fill(384), 320, 320], isFused: false },
  ]);
});

test("sums that follow no known rule are told from those that do", () => {
  expect(found([{ parts: [7, 293], isFused: true }], [300])).toEqual([undefined]);
});

test("where the order does not matter, parts are the whole sum", () => {
  for (const size of [1, 256, 257, 1000]) {
    expect(FAST_SUMMATION(size).parts.reduce((sum, part) => sum + part, 0)).toBe(size);
  }
});
