/** Comparing a tensor with golden values. */
import { expect } from "vitest";
import type { Dtype, Tensor } from "../index.ts";
import type { GoldenTensor } from "./golden.ts";

/**
 * How far an element may be from PyTorch's: `absolute + relative · |expected|`. Kernels of different versions and
 * instruction sets order sums differently and have their own exp; the inputs are of the order of 1.
 */
const TOLERANCE: Readonly<Record<Dtype, { readonly relative: number; readonly absolute: number }>> = {
  float32: { relative: 1e-6, absolute: 1e-6 }, // 8 units in the last place, the sum of a handful of roundings
  float64: { relative: 1e-12, absolute: 1e-12 }, // far above its roundings, far below a float32 on the way
  bfloat16: { relative: 2 ** -6, absolute: 2 ** -9 }, // two units in the last place: one rounding more or fewer
  float16: { relative: 2 ** -9, absolute: 2 ** -12 }, // the same, with three bits more
  uint8: { relative: 0, absolute: 0 },
  int8: { relative: 0, absolute: 0 },
  int16: { relative: 0, absolute: 0 },
  int32: { relative: 0, absolute: 0 },
  int64: { relative: 0, absolute: 0 },
  bool: { relative: 0, absolute: 0 },
};

/** Expects the dtype, the shape and every element; `exact` forgives nothing but the sign of zero. */
export function expectGolden(actual: Tensor, expected: GoldenTensor, exact = false): void {
  expect({ dtype: actual.dtype, shape: actual.shape }).toEqual({ dtype: expected.dtype, shape: expected.shape });
  const { relative, absolute } = exact ? { relative: 0, absolute: 0 } : TOLERANCE[expected.dtype];
  // The shortest decimal that stands for a float32 has to become that float32 again.
  const isSingle = ["float32", "bfloat16", "float16"].includes(expected.dtype);
  const round = isSingle ? (coded: number | string) => Math.fround(Number(coded)) : Number;
  const wrong: string[] = [];
  for (const [i, element] of actual.toTypedArray().entries()) {
    const coded = expected.values[i] ?? Number.NaN;
    const isRight =
      typeof element === "bigint" ? element === BigInt(coded) : isClose(element, round(coded), relative, absolute);
    if (!isRight) wrong.push(`element ${i} is ${element}, PyTorch has ${coded}`);
  }
  expect(wrong).toEqual([]);
}

function isClose(element: number, expected: number, relative: number, absolute: number): boolean {
  if (element === expected) return true;
  if (Number.isNaN(expected)) return Number.isNaN(element);
  return Math.abs(element - expected) <= absolute + relative * Math.abs(expected);
}
