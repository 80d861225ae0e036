/** What every request passes, without a socket. */
import { setThreads } from "@zerosearch/torch";
import type { Hono } from "hono";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { createApp } from "./app.ts";
import { Service, type ServiceOptions } from "./service.ts";
import { tinyModel } from "./testing/tiny-model.ts";

let model: ReturnType<typeof tinyModel>;
beforeAll(() => {
  setThreads(1);
  model = tinyModel();
});
afterAll(() => model[Symbol.dispose]());

const appWith = (options: ServiceOptions = {}, apiKey?: string): Hono =>
  createApp(new Service(model, options), apiKey === undefined ? {} : { apiKey });
const json = { "content-type": "application/json" };
const chat = (app: Hono, body: string, headers: Record<string, string> = json) =>
  app.request("/v1/chat/completions", { method: "POST", body, headers });
/** The error in an answer's body. */
const errorOf = async (response: Response): Promise<Record<string, unknown>> => {
  const body: unknown = await response.json();
  return z.strictObject({ error: z.record(z.string(), z.unknown()) }).parse(body).error;
};
/** Seeded: without one a text may end before its budget. */
const hello = JSON.stringify({ messages: [{ role: "user", content: "hi" }], max_tokens: 2, seed: 0 });

test("with a key every route but /health demands it, and no answer repeats it", async () => {
  const app = appWith({}, "secret-key");
  for (const authorization of [undefined, "Bearer wrong", "secret-key", "Bearer secret-key2"]) {
    const refused = await chat(app, hello, { ...json, ...(authorization === undefined ? {} : { authorization }) });
    const text = await refused.text();
    expect([refused.status, JSON.parse(text).error.code]).toEqual([401, "invalid_api_key"]);
    expect(text).not.toContain("secret-key");
  }
  expect((await app.request("/metrics")).status).toBe(401);
  expect((await app.request("/v1/models")).status).toBe(401);
  expect((await app.request("/health")).status).toBe(200);
  expect((await chat(app, hello, { ...json, authorization: "Bearer secret-key" })).status).toBe(200);
});

test("what is no JSON, too large, or of another type is refused before anyone reads it", async () => {
  const app = appWith({ maxBodyBytes: 200 });
  const statusOf = async (answer: Response | Promise<Response>): Promise<number> => {
    const response = await answer;
    expect(Object.keys(await errorOf(response))).toEqual(["message", "type", "param", "code"]);
    return response.status;
  };
  expect(await statusOf(chat(app, "{"))).toBe(400);
  expect(await statusOf(chat(app, ""))).toBe(400);
  expect(await statusOf(chat(app, JSON.stringify("x".repeat(300))))).toBe(413);
  expect(await statusOf(chat(app, hello, { "content-type": "text/plain" }))).toBe(415);
  expect(await statusOf(app.request("/v1/chat/completions"))).toBe(405);
  expect(await statusOf(app.request("/v1/embeddings", { method: "POST" }))).toBe(404);
});

test("/metrics counts requests by route and status, and tokens", async () => {
  const app = appWith();
  await chat(app, hello);
  const streamed = await chat(app, JSON.stringify({ ...JSON.parse(hello), max_tokens: 3, stream: true }));
  expect(await streamed.text()).toMatch(/data: \[DONE\]\n\n$/);
  await chat(app, "[]");
  await app.request("/v1/invented/path");
  const page = await (await app.request("/metrics")).text();
  expect(page).toContain('zerosearch_requests_total{route="/v1/chat/completions",status="200"} 2\n');
  expect(page).toContain('zerosearch_requests_total{route="/v1/chat/completions",status="400"} 1\n');
  expect(page).toContain('zerosearch_requests_total{route="other",status="404"} 1\n');
  expect(page).toContain("zerosearch_completion_tokens_total 5\n");
  expect(page).toContain("zerosearch_request_duration_seconds_count 4\n");
  for (const line of page.trimEnd().split("\n")) {
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? [\d.e+-]+)$/);
  }
});

test("a full server says when to come back", async () => {
  const app = appWith({ maxInFlight: 2 });
  const first = chat(app, JSON.stringify({ ...JSON.parse(hello), n: 2, max_tokens: 50 }));
  await vi.waitUntil(() => model.engine.load.running === 2, { interval: 1 });
  const second = await chat(app, hello);
  expect([second.status, second.headers.get("retry-after")]).toEqual([503, "1"]);
  expect((await first).status).toBe(200);
  const large = await chat(app, JSON.stringify({ ...JSON.parse(hello), n: 3 }));
  expect([large.status, (await errorOf(large)).param]).toEqual([400, "n"]);
});

test("a failure of the server's own is told to its operator, and to the client only that it happened", async () => {
  const heard: unknown[] = [];
  const service = new Service(model, { onError: (error) => heard.push(error) });
  const failure = new Error("the disk of machine 7 is full");
  const add = vi.spyOn(model.engine, "add").mockImplementation(() => {
    throw failure;
  });
  const response = await chat(createApp(service), hello);
  add.mockRestore();
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain("machine 7");
  expect(heard).toEqual([failure]);
  expect(service.admission.inFlight).toBe(0);
});
