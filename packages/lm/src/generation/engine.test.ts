import { liveTensorCount, setThreads, tensor, tidy, UseAfterFreeError } from "@zerosearch/torch";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { RequestError } from "../errors.ts";
import { tokenLogProbs } from "../log-probs.ts";
import type { Decoder } from "../models/decoder.ts";
import { fullAttention } from "../nn/full-attention.ts";
import { PackedSequences } from "../nn/packed-sequences.ts";
import { naiveTokens } from "../testing/naive-sampler.ts";
import { tinyDecoder } from "../testing/tiny-decoder.ts";
import { Engine } from "./engine.ts";
import type { GenerationRequest } from "./request.ts";
import { uniform } from "./uniform.ts";

const DTYPES = ["float32", "bfloat16"] as const;
let decoders: Record<(typeof DTYPES)[number], Decoder>;
let decoder: Decoder;
let before = 0;
beforeAll(() => {
  setThreads(1);
  decoders = { float32: tinyDecoder(), bfloat16: tinyDecoder(0, {}, "bfloat16") };
  decoder = decoders.float32;
});
afterAll(() => {
  for (const dtype of DTYPES) decoders[dtype].dispose();
});
beforeEach(() => {
  before = liveTensorCount();
});
afterEach(() => {
  expect(liveTensorCount()).toBe(before);
});

/** A request that depends on nothing but its number. */
function request(number: number): GenerationRequest {
  const draw = (place: number, below: number): number => Math.floor(uniform(number, 1000 + place) * below);
  const options: Partial<GenerationRequest>[] = [
    {},
    { temperature: 0 },
    { temperature: 0.7, topP: 0.9 },
    { topK: 5 },
    { minP: 0.1, repetitionPenalty: 1.3 },
  ];
  return {
    prompt: Array.from({ length: 1 + draw(0, 40) }, (_, i) => draw(10 + i, 160)),
    maxTokens: 1 + draw(1, 30),
    seed: number,
    ...options[number % options.length],
  };
}

const ids = (tokens: readonly { id: number }[]): number[] => tokens.map(({ id }) => id);

describe("tokens", () => {
  test("forty requests of all kinds, arriving at random, get what a naive sampler gives each alone", async () => {
    using engine = new Engine(decoder, { maxSequences: 7, maxPrefillTokens: 32 });
    const requests = Array.from({ length: 40 }, (_, i) => request(i));
    const generations = [];
    for (const [i, one] of requests.entries()) {
      generations.push(engine.add(one));
      if (uniform(i, 77) < 0.4) engine.step();
    }
    const results = await Promise.all(generations.map(({ result }) => result));
    for (const [i, one] of requests.entries()) {
      expect(results[i]?.tokens).toEqual(naiveTokens(decoder, one, engine.numerics));
      expect(results[i]?.finishReason).toEqual({ kind: "max-tokens" });
    }
    expect(engine.load).toEqual({ running: 0, waiting: 0 });
  });

  test.each(DTYPES)("%s: a request alone and among 63 others gives the same, to the bit", async (dtype) => {
    using engine = new Engine(decoders[dtype]);
    const needle = { ...request(3), maxTokens: 24, temperature: 1, topP: 1, topK: 0 };
    const alone = await engine.add(needle).result;
    const crowd = Array.from({ length: 63 }, (_, i) => engine.add(request(100 + i)).result);
    const among = await engine.add(needle).result;
    await Promise.all(crowd);
    expect(among).toEqual(alone);
  });

  test("products with packed weights give the log-probabilities of those with plain ones, to the bit", async () => {
    using packed = new Engine(decoder);
    using plain = new Engine(decoder, { packWeights: false });
    const results = [packed, plain].map((engine) => Promise.all([1, 2, 3].map((i) => engine.add(request(i)).result)));
    const [first, second] = await Promise.all(results);
    expect(first?.map(({ tokens }) => tokens)).toEqual(second?.map(({ tokens }) => tokens));
  });

  test("a decoder that is gone fails the request, and the engine does not wait for ever", async () => {
    const gone = tinyDecoder();
    using engine = new Engine(gone);
    await engine.add(request(0)).result;
    gone.dispose();
    await expect(engine.add(request(0)).result).rejects.toThrow(UseAfterFreeError);
    expect(engine.load).toEqual({ running: 0, waiting: 0 });
  });

  test("a table for which there is no memory fails what runs and what was to join it, and no later request", async () => {
    const longest = 2 ** 48;
    using large = tinyDecoder(0, { max_position_embeddings: longest });
    using engine = new Engine(large, { maxCacheTokens: 2 * longest });
    const running = engine.add({ prompt: [1], maxTokens: 400 });
    engine.step();
    const joining = engine.add({ prompt: [1], maxTokens: longest / 2 });
    for (const { result } of [running, joining]) await expect(result).rejects.toThrow(/memory|overflow/i);
    expect(engine.load).toEqual({ running: 0, waiting: 0 });
    const { tokens } = await engine.add({ prompt: [1], maxTokens: 3 }).result;
    expect(tokens).toHaveLength(3);
  });

  test("weights that were written to between two texts are the ones the second is generated with", async () => {
    using changing = tinyDecoder();
    using engine = new Engine(changing);
    await engine.add(request(0)).result;
    tidy(() => {
      for (const parameter of changing.parameters.values()) parameter.mul_(1.25);
    });
    using fresh = new Engine(changing);
    const [seen, expected] = await Promise.all([engine, fresh].map((one) => one.add(request(0)).result));
    expect(seen?.tokens).toEqual(expected?.tokens);
    using unchanged = new Engine(decoder);
    const { tokens } = await unchanged.add(request(0)).result;
    expect(seen?.tokens).not.toEqual(tokens);
  });

  test("seeds decide: the same seed repeats, another differs", async () => {
    using engine = new Engine(decoder);
    const run = async (seed: number): Promise<number[]> =>
      ids((await engine.add({ prompt: [1, 2, 3], maxTokens: 20, seed }).result).tokens);
    expect(await run(5)).toEqual(await run(5));
    expect(await run(5)).not.toEqual(await run(6));
  });
});

test.each(DTYPES)("%s: sampled log-probabilities are the trainer's, to the bit", async (dtype) => {
  const decoder = decoders[dtype];
  using engine = new Engine(decoder);
  const requests = Array.from({ length: 24 }, (_, i) => ({
    ...request(i),
    temperature: 0.8,
    topP: 1,
    topK: 0,
    minP: 0,
    repetitionPenalty: 1,
  }));
  const results = await Promise.all(requests.map((one) => engine.add(one).result));
  const trained = tidy(() => {
    const sequences = requests.map(({ prompt }, i) => [...prompt, ...ids(results[i]?.tokens ?? [])]);
    const packed = new PackedSequences(sequences, engine.numerics);
    const hidden = decoder.forward(packed.tokens, packed.positions, fullAttention(packed, decoder.embeddings));
    const rows = packed.starts.flatMap((start, i) =>
      (results[i]?.tokens ?? []).map((_, j) => BigInt(start + (requests[i]?.prompt.length ?? 0) + j - 1)),
    );
    const targets = tensor(results.flatMap(({ tokens }) => tokens.map(({ id }) => BigInt(id))));
    const options = { numerics: engine.numerics, temperature: 0.8 };
    return tokenLogProbs(hidden.indexSelect(0, tensor(rows)), decoder.outputWeights, targets, options).toNumbers();
  });
  const sampled = results.flatMap(({ tokens }) => tokens.map(({ logProb }) => logProb));
  expect(sampled.length).toBeGreaterThan(200);
  expect(sampled).toEqual(trained);
});

describe("conversations", () => {
  test("continuing costs the new tokens only and gives what one long prompt would", async () => {
    using engine = new Engine(decoder);
    using conversation = engine.open();
    const first = await conversation.continue([5, 6, 7, 8], { maxTokens: 6, temperature: 0 }).result;
    const second = await conversation.continue([9, 10, 11], { maxTokens: 6, temperature: 0 }).result;
    const whole = [5, 6, 7, 8, ...ids(first.tokens), 9, 10, 11];
    expect(conversation.tokens).toEqual([...whole, ...ids(second.tokens)]);
    const again = await engine.add({ prompt: whole, maxTokens: 6, temperature: 0 }).result;
    expect(ids(second.tokens)).toEqual(ids(again.tokens));
    expect(second.tokens.map((t) => t.fullLogProb)).toEqual(again.tokens.map((t) => t.fullLogProb));
  });

  test("what was parked and forgotten for want of room is computed again", async () => {
    using engine = new Engine(decoder, { maxCacheTokens: 128 });
    const conversations = [0, 1, 2, 3, 4].map(() => engine.open());
    for (const round of [0, 1]) {
      for (const [i, conversation] of conversations.entries()) {
        const added = Array.from({ length: 20 }, (_, j) => (i * 20 + j + round) % 160);
        await conversation.continue(added, { maxTokens: 4, temperature: 0 }).result;
      }
    }
    for (const conversation of conversations) {
      const { tokens } = conversation;
      const again = await engine.add({ prompt: tokens.slice(0, -4), maxTokens: 4, temperature: 0 }).result;
      expect(ids(again.tokens)).toEqual(tokens.slice(-4));
      conversation.dispose();
    }
  });

  test("one generation at a time, none after the end", async () => {
    using engine = new Engine(decoder);
    const conversation = engine.open();
    const running = conversation.continue([1], { maxTokens: 5 });
    expect(() => conversation.continue([2], { maxTokens: 5 })).toThrow(/being continued already/);
    await running.result;
    conversation.dispose();
    expect(() => conversation.continue([2], { maxTokens: 5 })).toThrow(/closed/);
  });
});

describe("stopping", () => {
  /** Every token is a letter, so that stop strings cross tokens. */
  const tokenizer = {
    streamingDecoder: () => ({ push: (id: number) => String.fromCharCode(97 + (id % 26)), flush: () => "" }),
  };

  test("a stop string is found across tokens, and its last token stays", async () => {
    using engine = new Engine(decoder, { tokenizer });
    const free = await engine.add({ prompt: [1, 2], maxTokens: 30, seed: 4 }).result;
    const text = free.tokens.map(({ id }) => String.fromCharCode(97 + (id % 26))).join("");
    const stop = text.slice(10, 13);
    const generation = engine.add({ prompt: [1, 2], maxTokens: 30, seed: 4, stopStrings: ["0", stop] });
    let streamed = "";
    for await (const token of generation) streamed += token.text;
    const { finishReason, tokens } = await generation.result;
    expect(finishReason).toEqual({ kind: "stop-string", text: stop });
    expect(streamed).toBe(text.slice(0, text.indexOf(stop) + 3));
    expect(tokens).toHaveLength(streamed.length);
  });

  test("a stop id ends it", async () => {
    using engine = new Engine(decoder);
    const free = await engine.add({ prompt: [1, 2], maxTokens: 30, seed: 4 }).result;
    const stopId = free.tokens[7]?.id ?? 0;
    const stopped = await engine.add({ prompt: [1, 2], maxTokens: 30, seed: 4, stopIds: [stopId] }).result;
    expect(stopped.finishReason).toEqual({ kind: "stop-id", id: stopId });
    expect(ids(stopped.tokens)).toEqual(ids(free.tokens).slice(0, ids(free.tokens).indexOf(stopId) + 1));
  });

  test("aborting ends one request with what it has, running or waiting, and leaves the others alone", async () => {
    using engine = new Engine(decoder, { maxSequences: 2 });
    const requests = [0, 1, 2, 3].map((i) => ({ prompt: [i + 1, 7], maxTokens: 20, seed: i }));
    const generations = requests.map((one) => engine.add(one));
    for (let i = 0; i < 5; i++) engine.step();
    generations[0]?.abort();
    generations[3]?.abort();
    const results = await Promise.all(generations.map(({ result }) => result));
    expect(results.map(({ finishReason }) => finishReason.kind)).toEqual([
      "aborted",
      "max-tokens",
      "max-tokens",
      "aborted",
    ]);
    expect(results[0]?.tokens).toHaveLength(6); // the first step reads the prompt and goes one token further
    expect(results[3]?.tokens).toHaveLength(0);
    expect(results[1]?.tokens).toEqual(naiveTokens(decoder, requests[1] ?? request(0), engine.numerics));
  });

  test("disposing of the engine ends everything as aborted", async () => {
    const engine = new Engine(decoder);
    const generation = engine.add({ prompt: [1], maxTokens: 400 });
    engine.step();
    engine.dispose();
    expect((await generation.result).finishReason).toEqual({ kind: "aborted" });
    expect(() => engine.add({ prompt: [1], maxTokens: 1 })).toThrow(/disposed/);
  });
});

describe("limits", () => {
  test("what does not fit waits, and is served in the end", async () => {
    using engine = new Engine(decoder, { maxCacheTokens: 256 });
    const results = Array.from({ length: 12 }, (_, i) => engine.add({ ...request(i), maxTokens: 50 }).result);
    engine.step();
    expect(engine.load).toEqual({ running: 2, waiting: 10 }); // two slots of 128 tokens
    expect((await Promise.all(results)).map(({ tokens }) => tokens.length)).toEqual(new Array(12).fill(50));
  });

  test.each([
    ["an empty prompt", { prompt: [], maxTokens: 1 }, /at least one token/],
    ["a token that is none", { prompt: [160], maxTokens: 1 }, /\[0, 160\), got 160/],
    ["no tokens to generate", { prompt: [1], maxTokens: 0 }, /maxTokens must be an integer ≥ 1, got 0/],
    ["more than the model's positions", { prompt: [1], maxTokens: 512 }, /exceed the model's 512 positions/],
    ["a negative temperature", { prompt: [1], maxTokens: 1, temperature: -1 }, /temperature must be/],
    ["topP of zero", { prompt: [1], maxTokens: 1, topP: 0 }, /topP must be in \(0, 1\], got 0/],
    [
      "stop strings without a tokenizer",
      { prompt: [1], maxTokens: 1, stopStrings: ["x"] },
      /need an engine with a tokenizer/,
    ],
  ])("%s is refused at once", (_, one, message) => {
    using engine = new Engine(decoder);
    expect(() => engine.add(one)).toThrow(RequestError);
    expect(() => engine.add(one)).toThrow(message);
    expect(engine.load).toEqual({ running: 0, waiting: 0 });
  });

  test("a prompt may be as long as the model's positions and the cache allow", async () => {
    using long = tinyDecoder(0, { max_position_embeddings: 2 ** 18 });
    using engine = new Engine(long);
    const generation = engine.add({ prompt: new Array<number>(2 ** 18 - 1).fill(1), maxTokens: 1 });
    generation.abort();
    expect((await generation.result).finishReason).toEqual({ kind: "aborted" });
  });

  test("the older of two texts is read first, also where it stands behind the younger", async () => {
    using engine = new Engine(decoder, { maxSequences: 3, maxPrefillTokens: 16 });
    const prompt = (first: number): number[] => Array.from({ length: 120 }, (_, i) => (first + 3 * i) % 160);
    const ends: string[] = [];
    const add = (name: string, tokens: number[], maxTokens: number): void => {
      void engine.add({ prompt: tokens, maxTokens }).result.then(() => ends.push(name));
    };
    add("short", [1], 1);
    add("middle", prompt(5), 1);
    add("old", prompt(9), 1);
    engine.step(); // "short" leaves, and the last slot's text moves before the middle one
    add("young", prompt(13), 1);
    while (engine.step());
    await new Promise((resolve) => setImmediate(resolve));
    expect(ends).toEqual(["short", "middle", "old", "young"]);
  });

  test("the event loop turns between steps", async () => {
    using engine = new Engine(decoder);
    let turn = 0;
    const immediate = (): NodeJS.Immediate =>
      setImmediate(() => {
        turn++;
        pending = immediate();
      });
    let pending = immediate();
    const turnsOfSteps: number[] = [];
    const step = engine.step.bind(engine);
    vi.spyOn(engine, "step").mockImplementation(() => {
      turnsOfSteps.push(turn);
      return step();
    });
    await engine.add({ prompt: [1], maxTokens: 50 }).result;
    clearImmediate(pending);
    expect(turnsOfSteps.length).toBeGreaterThan(40);
    expect(new Set(turnsOfSteps).size).toBe(turnsOfSteps.length);
  });
});
