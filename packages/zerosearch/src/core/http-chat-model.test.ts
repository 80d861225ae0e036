import { inspect } from "node:util";
import { expect, test } from "vitest";
import type { ChatRequest } from "./chat-model.ts";
import { ConfigError } from "./errors.ts";
import { HttpChatModel } from "./http-chat-model.ts";
import type { HttpChatModelOptions } from "./http-chat-model-options.ts";
import { FakeClock } from "./testing/fake-clock.ts";
import { completionBody, deadAddress, loopbackServer, sendJson } from "./testing/loopback-server.ts";

const REQUEST: ChatRequest = { messages: [{ role: "user", content: "hello" }], temperature: 0.8, maxTokens: 600 };
const KEY = "sk-do-not-show-me";

function chatModel(baseUrls: string[], more: Partial<HttpChatModelOptions> = {}): HttpChatModel {
  return new HttpChatModel({ baseUrls, apiKey: KEY, jitter: () => 0, clock: new FakeClock(), ...more });
}

const failing = (kind: string) => expect.objectContaining({ name: "ChatModelError", kind });

test("a request is sent as the protocol wants it and the answer is read", async () => {
  await using server = await loopbackServer((response) => sendJson(response, completionBody("hi")));
  const model = chatModel([`${server.baseUrl}/`], { extraBody: { top_p: 0.95, temperature: 9 } });
  const completion = await model.complete({ ...REQUEST, seed: 4, stop: ["\n"] });
  expect(completion).toEqual({ text: "hi", finishReason: "stop", promptTokens: 7, completionTokens: 3 });
  expect(server.received).toEqual([
    {
      path: "/v1/chat/completions",
      authorization: `Bearer ${KEY}`,
      body: {
        model: "",
        messages: REQUEST.messages,
        temperature: 0.8,
        max_tokens: 600,
        seed: 4,
        stop: ["\n"],
        top_p: 0.95,
      },
    },
  ]);
  expect(model.counters).toEqual({
    requests: 1,
    completed: 1,
    failed: 0,
    retries: 0,
    failedAttempts: {},
    promptTokens: 7,
    completionTokens: 3,
  });
  await model.close();
});

test("a server that fails and recovers costs retries with growing delays, and nothing is lost", async () => {
  await using server = await loopbackServer((response, _, number) =>
    number <= 2 ? sendJson(response, { error: "overloaded" }, 500) : sendJson(response, completionBody("at last")),
  );
  const clock = new FakeClock();
  const model = chatModel([server.baseUrl], { clock, minDelayMs: 100 });
  expect(await model.complete(REQUEST)).toMatchObject({ text: "at last" });
  expect(clock.slept).toEqual([50, 100]);
  expect(model.counters).toMatchObject({ requests: 1, completed: 1, retries: 2, failedAttempts: { server: 2 } });
  await model.close();
});

test("Retry-After is honoured, as a number and as a date", async () => {
  const clock = new FakeClock(Date.UTC(2026, 0, 1, 12, 0, 0));
  await using server = await loopbackServer((response, _, number) => {
    if (number === 1) sendJson(response, {}, 429, { "retry-after": "7" });
    else if (number === 2) sendJson(response, {}, 503, { "retry-after": "Thu, 01 Jan 2026 12:00:30 GMT" });
    else sendJson(response, completionBody("ok"));
  });
  const model = chatModel([server.baseUrl], { clock });
  await model.complete(REQUEST);
  // Seven seconds after noon it is told to come back at half past the minute.
  expect(clock.slept).toEqual([7000, 23_000]);
  expect(model.counters.failedAttempts).toEqual({ "rate-limited": 1, server: 1 });
  await model.close();
});

test("a longer wait than allowed is an error at once, with the wait in it", async () => {
  await using server = await loopbackServer((response) => sendJson(response, {}, 429, { "retry-after": "3600" }));
  const model = chatModel([server.baseUrl]);
  await expect(model.complete(REQUEST)).rejects.toThrow(
    expect.objectContaining({ kind: "rate-limited", retryAfterMs: 3_600_000 }),
  );
  expect([server.received.length, model.counters.failed]).toEqual([1, 1]);
  await model.close();
});

test("with a second server nobody waits for the first, which is left alone meanwhile", async () => {
  await using busy = await loopbackServer((response) => sendJson(response, {}, 429, { "retry-after": "50" }));
  await using idle = await loopbackServer((response) => sendJson(response, completionBody("ok")));
  const clock = new FakeClock();
  const model = chatModel([busy.baseUrl, idle.baseUrl], { clock, minDelayMs: 2 });
  for (const _ of [1, 2, 3, 4]) await model.complete(REQUEST);
  expect(clock.slept).toEqual([1]);
  expect([busy.received.length, idle.received.length]).toEqual([1, 4]);
  await model.close();
});

test.each([
  [401, "unauthorized"],
  [403, "unauthorized"],
  [400, "rejected"],
  [404, "rejected"],
  [422, "rejected"],
])("status %i is not asked again: %s", async (status, kind) => {
  await using server = await loopbackServer((response) => sendJson(response, { error: { message: "no" } }, status));
  const model = chatModel([server.baseUrl]);
  await expect(model.complete(REQUEST)).rejects.toThrow(failing(kind));
  expect([server.received.length, model.counters.failedAttempts]).toEqual([1, { [kind]: 1 }]);
  await model.close();
});

test("a refused connection is tried a bounded number of times and names the address", async () => {
  const dead = await deadAddress();
  const model = chatModel([dead], { retries: 2, failuresBeforeRest: 100 });
  await expect(model.complete(REQUEST)).rejects.toThrow(failing("unreachable"));
  await expect(model.complete(REQUEST)).rejects.toThrow(new RegExp(`${new URL(dead).port}.*ECONNREFUSED`));
  expect(model.counters).toMatchObject({ requests: 2, failed: 2, retries: 4, failedAttempts: { unreachable: 6 } });
  await model.close();
});

test("a dead server leaves the rotation, comes back after its rest, and requests go on meanwhile", async () => {
  let isWell = false;
  await using ill = await loopbackServer((response) =>
    isWell ? sendJson(response, completionBody("recovered")) : sendJson(response, {}, 502),
  );
  await using well = await loopbackServer((response) => sendJson(response, completionBody("well")));
  const clock = new FakeClock();
  const model = chatModel([ill.baseUrl, well.baseUrl], { clock, failuresBeforeRest: 2, restMs: 60_000, minDelayMs: 0 });
  for (const _ of Array(10)) expect((await model.complete(REQUEST)).text).toBe("well");
  expect(ill.received).toHaveLength(2);
  isWell = true;
  clock.pass(60_000);
  const texts = [(await model.complete(REQUEST)).text, (await model.complete(REQUEST)).text];
  expect(texts.sort()).toEqual(["recovered", "well"]);
  await model.close();
});

test("all servers at rest is an error that says so, after bounded waits", async () => {
  const [first, second] = [await deadAddress(), await deadAddress()];
  const model = chatModel([first, second], { retries: 1, failuresBeforeRest: 1, restMs: 9000 });
  await expect(model.complete(REQUEST)).rejects.toThrow(failing("unreachable"));
  const again = chatModel([first], { retries: 0, failuresBeforeRest: 1, restMs: 9000 });
  await expect(again.complete(REQUEST)).rejects.toThrow("ECONNREFUSED");
  await expect(again.complete(REQUEST)).rejects.toThrow(/all chat model servers rest.*unreachable.*9000 ms/);
  await Promise.all([model.close(), again.close()]);
});

test("many requests at once: all are answered, no more than allowed are under way", async () => {
  let underWay = 0;
  let most = 0;
  await using server = await loopbackServer((response, { body }, number) => {
    most = Math.max(most, ++underWay);
    setImmediate(() => {
      underWay--;
      const { seed } = body as { seed: number };
      if (number % 3 === 0) sendJson(response, {}, 500);
      else sendJson(response, completionBody(`answer ${seed}`));
    });
  });
  const model = chatModel([server.baseUrl], { concurrency: 5, failuresBeforeRest: 1000, retries: 50, minDelayMs: 0 });
  const answers = await Promise.all(Array.from({ length: 60 }, (_, seed) => model.complete({ ...REQUEST, seed })));
  expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 60 }, (_, seed) => `answer ${seed}`));
  expect(most).toBeLessThanOrEqual(5);
  const { requests, completed, retries, failedAttempts, completionTokens } = model.counters;
  expect([requests, completed, completionTokens]).toEqual([60, 60, 180]);
  expect(failedAttempts).toEqual({ server: retries });
  expect(server.received).toHaveLength(60 + retries);
  await model.close();
});

test("the key shows nowhere: not in errors, counters, the model itself, even if the server repeats it", async () => {
  await using server = await loopbackServer((response, _, number) =>
    sendJson(response, { error: { message: `wrong key ${KEY}` } }, number === 1 ? 401 : 500, { "x-echo": KEY }),
  );
  const model = chatModel([server.baseUrl], { retries: 0 });
  for (const status of [401, 500]) {
    const error: unknown = await model.complete(REQUEST).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    const shown = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + (error as Error).stack;
    expect(shown).toContain(String(status));
    expect(shown).not.toContain(KEY);
  }
  const shown = inspect(model, { depth: 20, showHidden: true }) + JSON.stringify(model) + model.name;
  expect(shown).toContain(server.baseUrl);
  expect(shown).not.toContain(KEY);
  await model.close();
});

test.each([
  { baseUrls: [] },
  { concurrency: 0 },
  { timeoutMs: 2 ** 31 },
  { restMs: -1 },
  { retries: Number.POSITIVE_INFINITY },
  { apiKey: "" },
])("%j is refused before anything is sent", (options) => {
  expect(() => chatModel(["http://127.0.0.1:1/v1"], options)).toThrow(ConfigError);
});
