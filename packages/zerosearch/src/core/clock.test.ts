import { expect, test } from "vitest";
import { SYSTEM_CLOCK } from "./clock.ts";

test("a sleep is never shorter than asked for, by the same clock", async () => {
  const start = SYSTEM_CLOCK.now();
  await SYSTEM_CLOCK.sleep(5);
  expect(SYSTEM_CLOCK.now() - start).toBeGreaterThanOrEqual(5);
});

test("an abort ends a sleep", async () => {
  const controller = new AbortController();
  const sleeping = SYSTEM_CLOCK.sleep(3_600_000, controller.signal);
  controller.abort();
  await expect(sleeping).rejects.toThrow(/abort/);
});
