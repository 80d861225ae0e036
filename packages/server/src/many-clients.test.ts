/** Sixty-four clients at once, many of whom leave before their answer is complete. */
import { liveTensorCount, setThreads } from "@zerosearch/torch";
import OpenAI from "openai";
import { beforeAll, expect, test, vi } from "vitest";
import { type Serving, startServing } from "./testing/serving.ts";
import { MAX_POSITIONS, tinyModel, tinyTokenizer } from "./testing/tiny-model.ts";

beforeAll(() => {
  setThreads(1);
});

const wishesOf = (i: number) => ({
  model: "",
  messages: [{ role: "user" as const, content: `who wrote book ${i % 7}?` }],
  max_tokens: 20 + (i % 5) * 6,
  seed: i,
  temperature: i % 3 === 0 ? 0 : 1,
});

/** Reads a stream; leaves after so many pieces, if a number is given. */
async function read({ client }: Serving, i: number, patience?: number): Promise<string> {
  const stream = await client.chat.completions.create({ ...wishesOf(i), stream: true });
  let [text, pieces] = ["", 0];
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? "";
    if (patience !== undefined && ++pieces > patience) break; // the client closes the connection
  }
  return text;
}

/** Resolves when the engine has nothing to do: each turn of the event loop is one step of it. */
async function idle({ model }: Serving): Promise<void> {
  await vi.waitUntil(() => model.engine.load.running + model.engine.load.waiting === 0, {
    timeout: 60_000,
    interval: 1,
  });
}

test("64 streams with random disconnects: every stream is right, no slot and no tensor is left behind", async () => {
  const before = liveTensorCount();
  const serving = await startServing();
  const whole: string[] = [];
  for (let i = 0; i < 64; i++) {
    const answer = await serving.client.chat.completions.create(wishesOf(i));
    whole.push(answer.choices[0]?.message.content ?? "");
  }
  await idle(serving);
  const patience = Array.from({ length: 64 }, (_, i) => (i % 3 === 1 ? (i * 7) % 11 : undefined));
  const streamed = await Promise.all(patience.map((pieces, i) => read(serving, i, pieces)));
  for (const [i, text] of streamed.entries()) {
    if (patience[i] === undefined) expect(text).toBe(whole[i]);
    else expect(whole[i]?.startsWith(text)).toBe(true);
  }
  await idle(serving);
  expect(serving.model.engine.load).toEqual({ running: 0, waiting: 0 });
  const page = await (await fetch(`${serving.server.url}/metrics`)).text();
  expect(page).toMatch(/zerosearch_running_sequences 0\n/);
  // As many as ever fit are admitted again: no place was lost.
  const again = await Promise.all(patience.map((_, i) => read(serving, i)));
  expect(again).toEqual(whole);
  await serving.close();
  expect(liveTensorCount()).toBe(before);
});

test("a client who leaves frees the slot for the next, with and without a stream", async () => {
  const serving = await startServing({ maxInFlight: 1 }, tinyModel(tinyTokenizer(), 1));
  const long = { ...wishesOf(1), max_tokens: MAX_POSITIONS - 60 };
  for (const stream of [true, false]) {
    const controller = new AbortController();
    const answer = serving.client.chat.completions.create({ ...long, stream }, { signal: controller.signal });
    answer.catch(() => {});
    await vi.waitUntil(() => serving.model.engine.load.running === 1, { interval: 1 });
    await expect(serving.client.chat.completions.create(long)).rejects.toMatchObject({ status: 503 });
    if (stream) await answer;
    controller.abort();
    await idle(serving);
    const page = await (await fetch(`${serving.server.url}/metrics`)).text();
    expect(page).toContain(`zerosearch_aborted_sequences_total ${stream ? 1 : 2}\n`);
  }
  const next = await serving.client.chat.completions.create({ ...long, max_tokens: 3 });
  expect(next.usage?.completion_tokens).toBe(3);
  await serving.close();
});

test("the client repeats a request by itself when the server was full", async () => {
  const serving = await startServing({ maxInFlight: 1 }, tinyModel(tinyTokenizer(), 1));
  const patient = new OpenAI({ baseURL: `${serving.server.url}/v1`, apiKey: "EMPTY", maxRetries: 3 });
  const first = serving.client.chat.completions.create({ ...wishesOf(1), max_tokens: 60 });
  await vi.waitUntil(() => serving.model.engine.load.running === 1, { interval: 1 });
  const second = await patient.chat.completions.create({ ...wishesOf(2), max_tokens: 3 });
  expect(second.usage?.completion_tokens).toBe(3);
  await first;
  await serving.close();
});

test("an answer that takes too long fails: with 504, or as an error in the stream", async () => {
  const serving = await startServing({ requestTimeoutMs: 1 });
  const long = { ...wishesOf(1), max_tokens: MAX_POSITIONS - 60 };
  await expect(serving.client.chat.completions.create(long)).rejects.toMatchObject({ status: 504, code: "timeout" });
  const stream = await serving.client.chat.completions.create({ ...long, stream: true });
  const readAll = async () => {
    for await (const _ of stream);
  };
  await expect(readAll()).rejects.toMatchObject({ code: "timeout" });
  await idle(serving);
  await serving.close();
});

test("closing lets answers under way finish, and gives up those that take longer than the grace", async () => {
  const patient = await startServing();
  const short = patient.client.chat.completions.create(wishesOf(1));
  await vi.waitUntil(() => patient.model.engine.load.running === 1, { interval: 1 });
  const closed = patient.close();
  expect((await short).choices[0]?.finish_reason).toBe("length");
  await closed;

  const hasty = await startServing();
  const long = hasty.client.chat.completions.create({ ...wishesOf(1), max_tokens: MAX_POSITIONS - 60 });
  const refused = expect(long).rejects.toMatchObject({ status: 503, code: "shutting_down" });
  await vi.waitUntil(() => hasty.model.engine.load.running === 1, { interval: 1 });
  await hasty.server.close(0);
  await refused;
  expect(hasty.model.engine.load).toEqual({ running: 0, waiting: 0 });
  await hasty.close();
});
