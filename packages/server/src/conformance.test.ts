/** The server as OpenAI's own client sees it. */
import { liveTensorCount, setThreads } from "@zerosearch/torch";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encodeChat } from "./chat-prompt.ts";
import { type Serving, startServing } from "./testing/serving.ts";

let serving: Serving;
let before = 0;
beforeAll(async () => {
  setThreads(1);
  before = liveTensorCount();
  serving = await startServing();
});
afterAll(async () => {
  expect(serving.model.engine.load).toEqual({ running: 0, waiting: 0 });
  await serving.close();
  expect(liveTensorCount()).toBe(before);
});

const user = (content: string) => ({ role: "user" as const, content });
const messages = [user("who wrote the book?")];

/** What the engine alone makes of a prompt. */
async function alone(prompt: number[], seed: number, maxTokens: number, temperature = 1) {
  const { engine, tokenizer } = serving.model;
  const stopIds = [...(tokenizer.eosId === undefined ? [] : [tokenizer.eosId])];
  const { tokens } = await engine.add({ prompt, seed, maxTokens, temperature, stopIds }).result;
  return { tokens, ids: tokens.map(({ id }) => id) };
}

/** The text of ids as clients get it where no control token is among them. */
const textOf = (ids: number[]): string => serving.model.tokenizer.decode(ids, { skipSpecial: true });

describe("chat completions", () => {
  test("the request of the reference's simulator: no model name, an empty system message, content as a list of parts", async () => {
    const answer = await serving.client.chat.completions.create({
      model: "",
      max_tokens: 20,
      temperature: 0.8,
      seed: 1,
      messages: [
        { role: "system", content: "" },
        { role: "user", content: [{ type: "text", text: "who wrote the book?" }] },
      ],
    });
    const prompt = encodeChat(serving.model.tokenizer, [{ role: "system", content: "" }, messages[0] ?? user("")]);
    const expected = await alone(prompt, 1, 20, 0.8);
    expect(answer.choices[0]?.message).toEqual({ role: "assistant", content: textOf(expected.ids), refusal: null });
    expect(answer.object).toBe("chat.completion");
    expect(answer.model).toBe("tiny");
    expect(answer.usage).toEqual({
      prompt_tokens: prompt.length,
      completion_tokens: expected.ids.length,
      total_tokens: prompt.length + expected.ids.length,
    });
  });

  test("a stream gives the same text as a whole answer, then why it ended, then what it cost", async () => {
    const wishes = { model: "tiny", messages, max_tokens: 30, seed: 4, n: 3 };
    const whole = await serving.client.chat.completions.create(wishes);
    const stream = await serving.client.chat.completions.create({
      ...wishes,
      stream: true,
      stream_options: { include_usage: true },
    });
    const texts = ["", "", ""];
    const ends: (string | null)[] = [];
    let usage: unknown;
    for await (const chunk of stream) {
      expect(chunk.object).toBe("chat.completion.chunk");
      if (chunk.usage) {
        expect(chunk.choices).toEqual([]);
        usage = chunk.usage;
      }
      for (const { index, delta, finish_reason } of chunk.choices) {
        expect(ends[index]).toBeUndefined();
        texts[index] += delta.content ?? "";
        if (finish_reason) ends[index] = finish_reason;
      }
    }
    expect(texts).toEqual(whole.choices.map(({ message }) => message.content));
    expect(ends).toEqual(whole.choices.map(({ finish_reason }) => finish_reason));
    expect(usage).toEqual(whole.usage);
    expect(new Set(texts).size).toBe(3); // one seed, three different texts
  });

  test("the client's own collector of streams understands ours", async () => {
    const runner = serving.client.chat.completions.stream({ model: "", messages, max_tokens: 12, seed: 2 });
    const whole = await serving.client.chat.completions.create({ model: "", messages, max_tokens: 12, seed: 2 });
    expect(await runner.finalContent()).toBe(whole.choices[0]?.message.content);
  });

  test("log-probabilities are those the engine recorded, and the bytes of all tokens make the text", async () => {
    const answer = await serving.client.chat.completions.create({
      model: "",
      messages,
      max_tokens: 25,
      seed: 6,
      temperature: 0.5,
      top_p: 1,
      logprobs: true,
    });
    const prompt = encodeChat(serving.model.tokenizer, messages);
    const { tokens } = await alone(prompt, 6, 25, 0.5);
    const told = answer.choices[0]?.logprobs?.content ?? [];
    const shown = tokens.filter(({ id }) => id !== serving.model.tokenizer.eosId);
    expect(told).toHaveLength(shown.length);
    for (const [i, { logprob, top_logprobs, bytes, token }] of told.entries()) {
      expect(logprob).toBeCloseTo(shown[i]?.fullLogProb ?? Number.NaN, 9);
      expect(top_logprobs).toEqual([]);
      if (bytes) expect(Buffer.from(bytes).toString()).toBe(token);
    }
  });

  test("without a seed two answers differ", async () => {
    const ask = () => serving.client.chat.completions.create({ model: "", messages, max_tokens: 30 });
    const [one, other] = await Promise.all([ask(), ask()]);
    expect(one.choices[0]?.message.content).not.toBe(other.choices[0]?.message.content);
  });
});

describe("why a text ended, as SGLang tells it", () => {
  const ask = (wishes: object) =>
    serving.client.chat.completions.create({ model: "", messages, max_tokens: 40, seed: 8, ...wishes });

  test("length: nothing matched", async () => {
    const { choices } = await ask({ max_tokens: 3 });
    expect(choices[0]).toMatchObject({ finish_reason: "length", matched_stop: null });
  });

  test("a stop string: it is named, and not part of the text", async () => {
    const content = (await ask({})).choices[0]?.message.content ?? "";
    const stop = [...content.replaceAll("\ufffd", "")].slice(2, 4).join("");
    const { choices } = await ask({ stop: ["not in it", stop] });
    expect(choices[0]).toMatchObject({ finish_reason: "stop", matched_stop: stop });
    expect(choices[0]?.message.content).toBe(content.slice(0, content.indexOf(stop)));
    const stream = await serving.client.chat.completions.create({
      ...{ model: "", messages, max_tokens: 40, seed: 8, stop },
      stream: true,
    });
    let streamed = "";
    for await (const chunk of stream) streamed += chunk.choices[0]?.delta.content ?? "";
    expect(streamed).toBe(choices[0]?.message.content);
  });

  test("a stop token: its id, and it counts as generated", async () => {
    const prompt = encodeChat(serving.model.tokenizer, messages);
    const { ids } = await alone(prompt, 8, 40);
    const id = ids[5] ?? 0;
    const answer = await ask({ stop_token_ids: [id] });
    expect(answer.choices[0]).toMatchObject({ finish_reason: "stop", matched_stop: id });
    expect(answer.choices[0]?.message.content).toBe(textOf(ids.slice(0, ids.indexOf(id))));
    expect(answer.usage?.completion_tokens).toBe(ids.indexOf(id) + 1);
  });
});

describe("completions", () => {
  test("several prompts, as text or ids, are continued n times each, in order", async () => {
    const { tokenizer } = serving.model;
    const ids = tokenizer.encode("the book", { allowSpecial: true });
    const wishes = { model: "tiny", max_tokens: 8, seed: 3, n: 2 };
    const byText = await serving.client.completions.create({ ...wishes, prompt: ["the book", "the sea"] });
    const byIds = await serving.client.completions.create({ ...wishes, prompt: ids });
    expect(byText.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(byIds.choices.map(({ text }) => text)).toEqual(byText.choices.slice(0, 2).map(({ text }) => text));
    expect(byIds.choices[0]?.text).toBe(textOf((await alone(ids, 3, 8)).ids));
  });

  test("16 tokens unless asked otherwise, and log-probabilities in columns, streamed or not", async () => {
    const wishes = { model: "", prompt: "the", seed: 5, logprobs: 0 };
    const whole = await serving.client.completions.create(wishes);
    const told = whole.choices[0]?.logprobs;
    expect(whole.usage?.completion_tokens).toBe(16);
    expect(told?.tokens).toHaveLength(told?.token_logprobs?.length ?? -1);
    expect(told?.text_offset?.[1]).toBe(told?.tokens?.[0]?.length);
    const streamed: { tokens: string[]; offsets: number[] } = { tokens: [], offsets: [] };
    for await (const { choices } of await serving.client.completions.create({ ...wishes, stream: true })) {
      streamed.tokens.push(...(choices[0]?.logprobs?.tokens ?? []));
      streamed.offsets.push(...(choices[0]?.logprobs?.text_offset ?? []));
    }
    expect(streamed).toEqual({ tokens: told?.tokens, offsets: told?.text_offset });
  });
});

test("the model is listed, and found under its name", async () => {
  const list = await serving.client.models.list();
  expect(list.data.map(({ id }) => id)).toEqual(["tiny"]);
  expect((await serving.client.models.retrieve("tiny")).object).toBe("model");
  await expect(serving.client.models.retrieve("gpt-4o")).rejects.toBeInstanceOf(OpenAI.NotFoundError);
});

test("refusals arrive as the client's own errors, with the field to blame", async () => {
  const ask = (wishes: object) => serving.client.chat.completions.create({ model: "", messages, ...wishes });
  await expect(ask({ top_logprobs: 2, logprobs: true })).rejects.toMatchObject({
    status: 400,
    param: "top_logprobs",
    type: "invalid_request_error",
  });
  await expect(ask({ max_tokens: 100_000 })).rejects.toMatchObject({ status: 400, code: "context_length_exceeded" });
  await expect(ask({ model: "other" })).rejects.toMatchObject({ status: 404, code: "model_not_found" });
  await expect(ask({ stream: true, temperature: 3 })).rejects.toBeInstanceOf(OpenAI.BadRequestError);
});
