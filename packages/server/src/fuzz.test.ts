/** Requests that nobody would write: each gets an answer or the refusal it deserves, and none harms the server. */
import { liveTensorCount, setThreads } from "@zerosearch/torch";
import fc from "fast-check";
import type { Hono } from "hono";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createApp } from "./app.ts";
import { Service } from "./service.ts";
import { MAX_POSITIONS, tinyModel } from "./testing/tiny-model.ts";

let model: ReturnType<typeof tinyModel>;
let app: Hono;
let service: Service;
let before = 0;
const failures: unknown[] = [];
beforeAll(() => {
  setThreads(1);
  before = liveTensorCount();
  model = tinyModel();
  service = new Service(model, { onError: (error) => failures.push(error) });
  app = createApp(service);
});
afterAll(() => {
  expect(model.engine.load).toEqual({ running: 0, waiting: 0 });
  model[Symbol.dispose]();
  expect(liveTensorCount()).toBe(before);
});

const post = (route: string, body: string | Uint8Array<ArrayBuffer>): Promise<Response> =>
  Promise.resolve(app.request(route, { method: "POST", body, headers: { "content-type": "application/json" } }));
const refusal = z.strictObject({
  error: z.strictObject({
    message: z.string().min(1),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string().nullable(),
  }),
});

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("<|im_end|>", "<|im_start|>system\n", "\ud800", "{{ 7 * 7 }}", "{% raw %}", "\u0000"),
);
const content = fc.oneof(
  text,
  fc.array(text, { minLength: 1, maxLength: 3 }).map((parts) => parts.map((part) => ({ type: "text", text: part }))),
);
/** Requests that are right. */
const rightChat = fc.record(
  {
    messages: fc.array(fc.record({ role: fc.constantFrom("system", "user", "assistant", "developer"), content }), {
      minLength: 1,
      maxLength: 3,
    }),
    max_tokens: fc.constantFrom(1, 2),
    model: fc.constantFrom("", "tiny", null),
    n: fc.constantFrom(1, 2, null),
    stream: fc.boolean(),
    temperature: fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 2, noNaN: true })),
    top_p: fc.double({ min: 0.01, max: 1, noNaN: true }),
    top_k: fc.constantFrom(-1, 0, 5),
    seed: fc.maxSafeInteger(),
    stop: fc.constantFrom("a", ["b", "cd"], null),
    logprobs: fc.boolean(),
    user: fc.anything().filter((value) => typeof value !== "bigint"),
  },
  { requiredKeys: ["messages", "max_tokens"] },
);

/** What is wrong with a request, and the field that must be blamed. */
const WRONGS: readonly (readonly [field: string, value: unknown, param?: string])[] = [
  ["messages", undefined],
  ["messages", []],
  ["messages", "hi"],
  ["messages", [{ role: "king", content: "hi" }], "messages[0].role"],
  ["messages", [{ role: "user" }], "messages[0].content"],
  ["messages", [{ role: "user", content: 7 }], "messages[0].content"],
  ["messages", [{ role: "user", content: [] }], "messages[0].content"],
  ["messages", [{ role: "user", content: [{ type: "image_url", image_url: {} }] }], "messages[0].content"],
  ["messages", [{ role: "assistant", content: "", tool_calls: [{}] }], "messages[0].tool_calls"],
  ["messages", [null], "messages[0]"],
  ["max_tokens", 0],
  ["max_tokens", 1.5],
  ["max_tokens", "9"],
  ["max_tokens", MAX_POSITIONS],
  ["max_completion_tokens", -1],
  ["temperature", 2.01],
  ["temperature", -1],
  ["temperature", 1e-7],
  ["temperature", "hot"],
  ["top_p", 0],
  ["top_p", 1.1],
  ["n", 0],
  ["n", 129],
  ["seed", 1.5],
  ["seed", 2 ** 60],
  ["stop", ""],
  ["stop", ["a", ""], "stop[1]"],
  ["stop", "\ud800"],
  ["stop", Array.from({ length: 17 }, () => "x")],
  ["stop", 5],
  ["stop_token_ids", [-1], "stop_token_ids[0]"],
  ["stream", "yes"],
  ["stream_options", 1],
  ["logprobs", 2],
  ["top_logprobs", 1],
  ["tools", [{ type: "function" }]],
  ["tool_choice", "required"],
  ["functions", [{}]],
  ["response_format", { type: "json_schema" }],
  ["response_format", { type: "json_object" }],
  ["frequency_penalty", 0.5],
  ["presence_penalty", -1],
  ["logit_bias", { 5: 100 }],
  ["regex", "a+"],
  ["min_tokens", 5],
];

test("800 chats, right or with one thing wrong: 200, or 400 that blames the field", { timeout: 300_000 }, async () => {
  const wrong = fc.option(fc.constantFrom(...WRONGS), { freq: 2 });
  await fc.assert(
    fc.asyncProperty(rightChat, wrong, async (right, mistake) => {
      const [field, value, param = field] = mistake ?? [];
      const request = field === undefined ? right : { ...right, [field]: value };
      const response = await post("/v1/chat/completions", JSON.stringify(request));
      const body = await response.text();
      if (field === undefined) expect([response.status, body]).toEqual([200, body]);
      else {
        expect(response.status).toBe(400);
        expect(refusal.parse(JSON.parse(body)).error.param).toBe(param);
      }
    }),
    { numRuns: 800, seed: 1 },
  );
  expect(failures).toEqual([]);
  expect(service.admission.inFlight).toBe(0);
});

test("600 bodies of any JSON and any bytes, to both routes: answered or refused, never a crash", async () => {
  const route = fc.constantFrom("/v1/chat/completions", "/v1/completions");
  const anyField = fc.constantFrom(
    "messages",
    "prompt",
    "stop",
    "n",
    "seed",
    "stream",
    "logprobs",
    "model",
    "__proto__",
  );
  const body = fc.oneof(
    fc.json(),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Uint8Array.from(bytes)),
    fc
      .tuple(anyField, fc.json(), fc.json())
      .map(([field, one, other]) => `{"max_tokens":1,"prompt":${other},"${field}":${one}}`),
    fc.constant("[".repeat(20_000)),
    fc.constant(`{"messages":[{"role":"user","content":${'{"a":'.repeat(3000)}1${"}".repeat(3000)}}]}`),
  );
  await fc.assert(
    fc.asyncProperty(route, body, async (path, one) => {
      const response = await post(path, one);
      const answer = await response.text();
      expect([200, 400, 404]).toContain(response.status);
      if (response.status !== 200) refusal.parse(JSON.parse(answer));
    }),
    { numRuns: 600, seed: 2 },
  );
  expect(failures).toEqual([]);
  expect(service.admission.inFlight).toBe(0);
  expect((await app.request("/health")).status).toBe(200);
});
