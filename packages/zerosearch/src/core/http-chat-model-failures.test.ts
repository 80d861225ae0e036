/** Servers that hang, stream rubbish and break off: nothing waits for ever, and every failure has its name. */
import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import type { ChatRequest } from "./chat-model.ts";
import type { FailureKind } from "./errors.ts";
import { HttpChatModel } from "./http-chat-model.ts";
import { FakeClock } from "./testing/fake-clock.ts";
import { completionBody, loopbackServer, sendJson } from "./testing/loopback-server.ts";

const REQUEST: ChatRequest = { messages: [{ role: "user", content: "hello" }], temperature: 0, maxTokens: 5 };

const BAD_SERVERS: readonly [string, FailureKind, number, (response: ServerResponse) => void][] = [
  ["never answers", "timeout", 2, () => {}],
  [
    "sends its head and then nothing",
    "timeout",
    2,
    (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"choices":');
    },
  ],
  [
    "drips for ever",
    "timeout",
    2,
    (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const drip = setInterval(() => response.write(" "), 5);
      response.on("close", () => clearInterval(drip));
    },
  ],
  ["hangs up without a word", "unreachable", 2, (response) => void response.socket?.destroy()],
  [
    "breaks off half way",
    "unreachable",
    2,
    (response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": 1000 });
      response.write('{"choices": [', () => response.socket?.destroy());
    },
  ],
  [
    "sends half an answer as if it were whole",
    "malformed",
    1,
    (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"choices": [{"message": {"cont');
    },
  ],
  [
    "sends a page of HTML",
    "malformed",
    1,
    (response) => {
      response.writeHead(200, { "content-type": "text/html" });
      response.end("<html>Welcome to nginx</html>");
    },
  ],
  [
    "streams rubbish without end",
    "malformed",
    1,
    (response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const rubbish = Buffer.alloc(2 ** 20, "z");
      const pour = () => {
        if (!response.destroyed) response.write(rubbish, pour);
      };
      pour();
    },
  ],
  ["sends an empty answer", "malformed", 1, (response) => void response.writeHead(204).end()],
  ["says it timed out", "timeout", 2, (response) => sendJson(response, {}, 408)],
  ["speaks no HTTP", "unreachable", 2, (response) => void response.socket?.end("220 smtp ready\r\n")],
];

test.each(BAD_SERVERS)("a server that %s: %s after %i attempts", async (_, kind, attempts, behave) => {
  await using server = await loopbackServer(behave);
  // Rubbish has to arrive in full before the time is up; what hangs is to be over soon.
  const timeoutMs = kind === "timeout" ? 60 : 60_000;
  const clock = new FakeClock();
  const model = new HttpChatModel({ baseUrls: [server.baseUrl], timeoutMs, retries: 1, clock });
  await expect(model.complete(REQUEST)).rejects.toThrow(
    expect.objectContaining({ name: "ChatModelError", kind, message: expect.stringContaining(server.baseUrl) }),
  );
  expect(server.received).toHaveLength(attempts);
  expect(model.counters).toMatchObject({
    requests: 1,
    completed: 0,
    failed: 1,
    retries: attempts - 1,
    failedAttempts: { [kind]: attempts },
  });
  await model.close();
});

test("a slow server is waited for as long as the timeout allows", async () => {
  await using server = await loopbackServer((response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const text = JSON.stringify(completionBody("slow"));
    response.write(text.slice(0, 20));
    setTimeout(() => response.end(text.slice(20)), 30);
  });
  const model = new HttpChatModel({ baseUrls: [server.baseUrl], timeoutMs: 60_000, retries: 0 });
  expect((await model.complete(REQUEST)).text).toBe("slow");
  await model.close();
});

test("an abort ends a request that hangs, one that waits for its turn and one that has not begun", async () => {
  const controller = new AbortController();
  let arrived = () => {};
  const first = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  await using server = await loopbackServer(() => arrived());
  const model = new HttpChatModel({ baseUrls: [server.baseUrl], concurrency: 1, timeoutMs: 60_000 });
  const request = { ...REQUEST, signal: controller.signal };
  const pending = [model.complete(request), model.complete(request)];
  const settled = Promise.allSettled(pending);
  await first;
  controller.abort();
  const aborted = expect.objectContaining({ status: "rejected", reason: expect.objectContaining({ kind: "aborted" }) });
  expect(await settled).toEqual([aborted, aborted]);
  await expect(model.complete(request)).rejects.toThrow(expect.objectContaining({ kind: "aborted" }));
  expect(server.received).toHaveLength(1);
  expect(model.counters).toMatchObject({ requests: 3, failed: 3, completed: 0, retries: 0 });
  await model.close();
});

test("an abort of one request leaves its slot to the next", async () => {
  const controller = new AbortController();
  await using server = await loopbackServer((response, _, number) => {
    if (number === 1) controller.abort();
    else sendJson(response, completionBody("next"));
  });
  const model = new HttpChatModel({ baseUrls: [server.baseUrl], concurrency: 1, timeoutMs: 60_000 });
  const [first, second] = await Promise.allSettled([
    model.complete({ ...REQUEST, signal: controller.signal }),
    model.complete(REQUEST),
  ]);
  expect(first).toMatchObject({ status: "rejected", reason: { kind: "aborted" } });
  expect(second).toMatchObject({ status: "fulfilled", value: { text: "next" } });
  await model.close();
});

test("closing breaks what is under way", async () => {
  let model: HttpChatModel | undefined;
  await using server = await loopbackServer(() => void model?.close());
  model = new HttpChatModel({ baseUrls: [server.baseUrl], timeoutMs: 60_000, retries: 0 });
  await expect(model.complete(REQUEST)).rejects.toThrow(expect.objectContaining({ kind: "unreachable" }));
});
