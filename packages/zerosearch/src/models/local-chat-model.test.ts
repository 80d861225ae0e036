import { rmSync } from "node:fs";
import { setImmediate as turn } from "node:timers/promises";
import { Engine, loadDecoder, loadTokenizer } from "@zerosearch/lm";
import { liveTensorCount, setThreads } from "@zerosearch/torch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ChatRequest } from "../core/chat-model.ts";
import { encodeChat } from "./encode-chat.ts";
import { enginePolicy } from "./engine-policy.ts";
import { LocalChatModel, loadChatModel } from "./local-chat-model.ts";
import { tinyModelFolder } from "./testing/tiny-model-folder.ts";

setThreads(1);

/** In float64 the rounding that depends on who else is in the batch is too small to change a token, on any machine. */
const DTYPE = { dtype: "float64" } as const;
const NUMERICS = { numerics: "fast" } as const;

let folder = "";
let liveAtFirst = 0;
let model: LocalChatModel;

beforeAll(() => {
  folder = tinyModelFolder(true);
  liveAtFirst = liveTensorCount();
  model = loadChatModel(folder, { ...DTYPE, ...NUMERICS });
});

afterAll(async () => {
  await model.close();
  await model.close();
  expect(liveTensorCount()).toBe(liveAtFirst);
  rmSync(folder, { recursive: true });
});

const request = (change: Partial<ChatRequest> = {}): ChatRequest => ({
  messages: [
    { role: "system", content: "" },
    { role: "user", content: "who wrote the book" },
  ],
  temperature: 1,
  maxTokens: 12,
  seed: 7,
  ...change,
});

describe("a completion", () => {
  test("is what the engine generates from the conversation", async () => {
    using decoder = loadDecoder(folder, DTYPE);
    const tokenizer = loadTokenizer(folder);
    using engine = new Engine(decoder, { tokenizer, ...NUMERICS });
    const prompt = encodeChat(tokenizer, request().messages);
    const options = { prompt, maxTokens: 12, seed: 7, stopIds: [tokenizer.eosId ?? -1] };
    const { tokens } = await engine.add(options).result;
    const completion = await model.complete(request());
    const ids = tokens.map(({ id }) => id).filter((id) => id !== tokenizer.eosId);
    expect(completion.text).toBe(tokenizer.decode(ids, { skipSpecial: true }));
    expect(completion.promptTokens).toBe(prompt.length);
    expect(completion.completionTokens).toBe(tokens.length);
  });

  test("ends at its limit, and says so", async () => {
    const completions = await Promise.all(
      Array.from({ length: 20 }, (_, seed) => model.complete(request({ seed, maxTokens: 5 }))),
    );
    const cut = completions.filter(({ finishReason }) => finishReason === "length");
    expect(cut.length).toBeGreaterThan(0);
    for (const { completionTokens } of cut) expect(completionTokens).toBe(5);
  });

  test("ends before the first stop string", async () => {
    const { text } = await model.complete(request());
    const stop = text.slice(3, 5);
    const stopped = await model.complete(request({ stop: ["never said", stop] }));
    expect(stopped).toMatchObject({ text: text.slice(0, text.indexOf(stop)), finishReason: "stop" });
  });

  test("of temperature 0 does not depend on the seed", async () => {
    const texts = [1, 2].map(async (seed) => (await model.complete(request({ seed, temperature: 0 }))).text);
    expect(await texts[0]).toBe(await texts[1]);
  });

  test("is the same alone and among 64", async () => {
    const seeds = Array.from({ length: 64 }, (_, seed) => seed);
    const together = await Promise.all(seeds.map(async (seed) => (await model.complete(request({ seed }))).text));
    expect(new Set(together).size).toBeGreaterThan(32);
    for (const seed of [0, 31, 63]) expect((await model.complete(request({ seed }))).text).toBe(together[seed]);
  });

  test("ends without the token that ends it", async () => {
    using decoder = loadDecoder(folder, DTYPE);
    const tokenizer = loadTokenizer(folder);
    using engine = new Engine(decoder, { tokenizer, ...NUMERICS });
    const free = await new LocalChatModel({ name: "free", engine, tokenizer, eosIds: [] }).complete(request());
    const ids = tokenizer.encode(free.text, { allowSpecial: false });
    const all = Array.from({ length: 304 }, (_, id) => id);
    const ended = await new LocalChatModel({ name: "mute", engine, tokenizer, eosIds: all }).complete(request());
    expect(ids.length).toBeGreaterThan(1);
    expect(ended).toMatchObject({ text: "", finishReason: "stop", completionTokens: 1 });
  });
});

describe("failures are typed", () => {
  test("an abort stops the generation", async () => {
    const controller = new AbortController();
    const completion = model.complete(request({ maxTokens: 400, temperature: 0, signal: controller.signal }));
    await turn();
    controller.abort(new Error("enough"));
    await expect(completion).rejects.toMatchObject({ name: "ChatModelError", kind: "aborted" });
    const late = model.complete(request({ signal: controller.signal }));
    await expect(late).rejects.toMatchObject({ kind: "aborted" });
  });

  test.each<[string, Partial<ChatRequest>]>([
    ["too long", { maxTokens: 513 }],
    ["no tokens", { maxTokens: 0 }],
    ["a negative temperature", { temperature: -1 }],
    ["a fractional seed", { seed: 0.5 }],
  ])("%s is rejected", async (_, change) => {
    await expect(model.complete(request(change))).rejects.toMatchObject({ name: "ChatModelError", kind: "rejected" });
  });

  test("closing ends what runs, and nothing can be asked any more", async () => {
    const short = loadChatModel(folder, { ...DTYPE, ...NUMERICS });
    const running = short.complete(request({ maxTokens: 400, temperature: 0 }));
    await short.close();
    await expect(running).rejects.toMatchObject({ kind: "unreachable" });
    await expect(short.complete(request())).rejects.toMatchObject({ name: "ChatModelError" });
  });
});

test("an engine is a policy", async () => {
  using decoder = loadDecoder(folder, DTYPE);
  using engine = new Engine(decoder, NUMERICS);
  const policy = enginePolicy(engine);
  expect([policy.version, policy.contextLength]).toEqual([0, 512]);
  const text = policy.open();
  const first = await text.continue([1, 2, 3], { maxTokens: 4, temperature: 0 }).result;
  const second = await text.continue([4], { maxTokens: 4, temperature: 0 }).result;
  text.dispose();
  const prompt = [1, 2, 3, ...first.tokens.map(({ id }) => id), 4];
  expect((await engine.add({ prompt, maxTokens: 4, temperature: 0 }).result).tokens.map(({ id }) => id)).toEqual(
    second.tokens.map(({ id }) => id),
  );
});
