import fc from "fast-check";
import { expect, test } from "vitest";
import { type BoundedRetryOptions, backoffDelayMs, checkBackoff, withBoundedRetry } from "./bounded-retry.ts";
import { ConfigError } from "./errors.ts";
import { FakeClock } from "./testing/fake-clock.ts";

const BACKOFF = { retries: 3, minDelayMs: 100, maxDelayMs: 250 };

function setUp(more: Partial<BoundedRetryOptions> = {}): { clock: FakeClock; options: BoundedRetryOptions } {
  const clock = new FakeClock();
  const options = { ...BACKOFF, isTransient: () => true, maxDemandedDelayMs: 1000, jitter: () => 0, clock, ...more };
  return { clock, options };
}

test("it stops at the first success and says which attempt it is", async () => {
  const { clock, options } = setUp();
  const numbers: number[] = [];
  const result = await withBoundedRetry(async (number) => {
    numbers.push(number);
    if (number < 3) throw new Error("not yet");
    return "done";
  }, options);
  expect([result, numbers, clock.slept]).toEqual(["done", [1, 2, 3], [50, 100]]);
});

test("retries are bounded, delays double up to their bound, and the last error is thrown", async () => {
  const { clock, options } = setUp();
  let attempts = 0;
  const run = withBoundedRetry(async () => {
    throw new Error(`failure ${++attempts}`);
  }, options);
  await expect(run).rejects.toThrow("failure 4");
  expect(clock.slept).toEqual([50, 100, 125]);
});

test("jitter spreads a delay between half and whole of its bound", () => {
  const bounds = { retries: 9, minDelayMs: 100, maxDelayMs: 1000 };
  expect(backoffDelayMs(1, 0.5, bounds)).toBe(75);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (retry, uniform) => {
      const delay = backoffDelayMs(retry, uniform, bounds);
      expect(delay).toBeGreaterThanOrEqual(50);
      expect(delay).toBeLessThanOrEqual(1000);
    }),
  );
});

test("what can't be mended is thrown at once", async () => {
  const { clock, options } = setUp({ isTransient: () => false });
  let attempts = 0;
  const run = withBoundedRetry(async () => {
    attempts++;
    throw new Error("for good");
  }, options);
  await expect(run).rejects.toThrow("for good");
  expect([attempts, clock.slept]).toEqual([1, []]);
});

test("a demanded delay outweighs the back-off, and one above the bound ends the attempts", async () => {
  const patient = setUp({ demandedDelayMs: () => 1000, retries: 1 });
  const fail = async () => {
    throw new Error("busy");
  };
  await expect(withBoundedRetry(fail, patient.options)).rejects.toThrow("busy");
  expect(patient.clock.slept).toEqual([1000]);
  const impatient = setUp({ demandedDelayMs: () => 1001 });
  await expect(withBoundedRetry(fail, impatient.options)).rejects.toThrow("busy");
  expect(impatient.clock.slept).toEqual([]);
});

test("an abort during the delay ends the wait", async () => {
  const controller = new AbortController();
  const jitter = () => {
    controller.abort(new Error("enough"));
    return 0;
  };
  const { clock: _, ...options } = setUp({ jitter }).options;
  const run = withBoundedRetry(
    async () => {
      throw new Error("busy");
    },
    { ...options, minDelayMs: 3_600_000, maxDelayMs: 3_600_000, signal: controller.signal },
  );
  await expect(run).rejects.toThrow(/enough|aborted/);
});

test.each([
  { ...BACKOFF, retries: -1 },
  { ...BACKOFF, retries: Number.POSITIVE_INFINITY },
  { ...BACKOFF, minDelayMs: 300 },
  { ...BACKOFF, maxDelayMs: Number.NaN },
])("%j is refused", (options) => {
  expect(() => checkBackoff(options)).toThrow(ConfigError);
});
