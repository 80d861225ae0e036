import { expect, test } from "vitest";
import { EndpointRotation } from "./endpoint-rotation.ts";
import { FakeClock } from "./testing/fake-clock.ts";

function rotation(urls: string[], failuresBeforeRest = 2) {
  const clock = new FakeClock();
  return { clock, endpoints: new EndpointRotation(urls, { failuresBeforeRest, restMs: 1000, clock }) };
}

test("endpoints in health are taken in turn", () => {
  const { endpoints } = rotation(["a", "b", "c"]);
  expect([1, 2, 3, 4].map(() => endpoints.take())).toEqual(["a", "b", "c", "a"]);
});

test("one that fails several times in a row rests, the others go on, and it comes back", () => {
  const { clock, endpoints } = rotation(["a", "b"]);
  endpoints.failed("a", "server", undefined);
  expect([endpoints.take(), endpoints.take()]).toEqual(["a", "b"]);
  endpoints.failed("a", "server", undefined);
  expect([1, 2, 3].map(() => endpoints.take())).toEqual(["b", "b", "b"]);
  expect(endpoints.waitMs).toBe(0);
  clock.pass(1000);
  expect(new Set([endpoints.take(), endpoints.take()])).toEqual(new Set(["a", "b"]));
});

test("after its rest one failure is enough to rest again, and one success wipes the record", () => {
  const { clock, endpoints } = rotation(["a"]);
  for (const _ of [1, 2]) endpoints.failed("a", "timeout", undefined);
  clock.pass(1000);
  endpoints.failed("a", "timeout", undefined);
  expect(endpoints.take()).toBeUndefined();
  clock.pass(1000);
  endpoints.succeeded("a");
  endpoints.failed("a", "timeout", undefined);
  expect(endpoints.take()).toBe("a");
});

test("all at rest: none can be taken, and the shortest wait is told with the reasons", () => {
  const { clock, endpoints } = rotation(["a", "b"], 1);
  endpoints.failed("a", "server", undefined);
  clock.pass(300);
  endpoints.failed("b", "timeout", undefined);
  expect(endpoints.take()).toBeUndefined();
  expect(endpoints.waitMs).toBe(700);
  expect(endpoints.describe()).toBe("a (server), b (timeout)");
});

test("one that asks to be left alone is, however good its record", () => {
  const { clock, endpoints } = rotation(["a"], 100);
  endpoints.failed("a", "rate-limited", 5000);
  expect([endpoints.take(), endpoints.waitMs]).toEqual([undefined, 5000]);
  clock.pass(5000);
  expect(endpoints.take()).toBe("a");
});
