import { expect, test } from "vitest";
import { BackgroundTracker } from "./background-tracker.ts";
import type { TrackedMetrics, Tracker } from "./tracker.ts";

/** Keeps what arrives; calls whose number is in `failing` throw first. */
class ScriptedTracker implements Tracker {
  readonly name = "scripted";
  readonly arrived: (number | string)[] = [];
  calls = 0;
  readonly #fails: (call: number) => boolean;

  constructor(fails: (call: number) => boolean) {
    this.#fails = fails;
  }

  #call(): void {
    if (this.#fails(++this.calls)) throw new Error(`call ${this.calls} failed`);
  }

  async start(): Promise<void> {
    this.#call();
    this.arrived.push("start");
  }

  async log(entries: readonly TrackedMetrics[]): Promise<void> {
    this.#call();
    this.arrived.push(...entries.map(({ step }) => step));
  }

  async finish(outcome: string): Promise<void> {
    this.#call();
    this.arrived.push(outcome);
  }
}

const entry = (step: number): TrackedMetrics => ({ step, time: 0, metrics: {} });

test("everything arrives once and in order although calls fail", async () => {
  const tracker = new ScriptedTracker((call) => call % 2 === 1);
  const background = new BackgroundTracker(tracker, { retryDelayMs: 0 });
  for (const step of [1, 2, 3]) background.log(entry(step));
  await background.finish("finished", 10_000);
  expect(tracker.arrived).toEqual(["start", 1, 2, 3, "finished"]);
  expect(background).toMatchObject({ failures: 3, dropped: 0, isGivenUp: false, lastFailure: "call 5 failed" });
});

test("a tracker that always fails is left alone after its failures, and what is lost is counted", async () => {
  const tracker = new ScriptedTracker(() => true);
  const background = new BackgroundTracker(tracker, { maxFailures: 3, retryDelayMs: 0 });
  for (const step of [1, 2]) background.log(entry(step));
  await background.finish("failed", 10_000);
  background.log(entry(3));
  expect(tracker.calls).toBe(3);
  expect(background).toMatchObject({ failures: 3, dropped: 3, isGivenUp: true });
});

test("when too much waits, the oldest goes", async () => {
  const tracker = new ScriptedTracker(() => false);
  const background = new BackgroundTracker(tracker, { maxWaiting: 2 });
  for (const step of [1, 2, 3, 4]) background.log(entry(step));
  await background.finish("finished", 10_000);
  expect(tracker.arrived).toEqual(["start", 3, 4, "finished"]);
  expect(background.dropped).toBe(2);
});

test("a tracker that hangs does not hold up the end", async () => {
  const tracker = new ScriptedTracker(() => false);
  tracker.log = () => new Promise(() => {});
  const background = new BackgroundTracker(tracker);
  background.log(entry(1));
  await background.finish("finished", 5);
  expect(tracker.arrived).toEqual(["start"]);
});
