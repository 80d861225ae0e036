import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { GracefulStop } from "./graceful-stop.ts";

test("the first signal asks, the second stops at once", () => {
  const emitter = new EventEmitter();
  const events: string[] = [];
  using stop = new GracefulStop({
    emitter,
    onFirst: (signal) => events.push(`first ${signal}`),
    stopNow: (signal) => events.push(`now ${signal}, aborted ${stop.signal.aborted}`),
  });
  expect(stop.isRequested).toBe(false);
  emitter.emit("SIGINT", "SIGINT");
  expect(stop.isRequested).toBe(true);
  expect(stop.signal.aborted).toBe(false);
  emitter.emit("SIGTERM", "SIGTERM");
  expect(events).toEqual(["first SIGINT", "now SIGTERM, aborted true"]);
});

test("afterwards nobody listens", () => {
  const emitter = new EventEmitter();
  new GracefulStop({ emitter, stopNow: () => {} }).dispose();
  expect(emitter.eventNames()).toEqual([]);
});
