import { getThreads } from "@zerosearch/torch";
import { expect, test } from "vitest";
import { measureProducts } from "./product-speeds.ts";

test("speeds and shares are numbers above zero, and the threads asked for are in use afterwards", () => {
  const { float32, bfloat16 } = measureProducts(2);
  expect(getThreads()).toBe(2);
  const numbers = [...float32, bfloat16].flatMap((speed) => Object.values(speed));
  expect(float32[0]).toHaveProperty("share");
  for (const number of numbers) {
    expect(number).toBeGreaterThan(0);
    expect(number).toBeLessThan(Number.POSITIVE_INFINITY);
  }
});

test("with one thread in all, its speed is that of all", () => {
  const { float32, bfloat16 } = measureProducts(1);
  for (const { oneThread, allThreads } of [...float32, bfloat16]) expect(allThreads).toBe(oneThread);
});
