/** Whatever comes when: requests and conversations that share beginnings, stop, and are aborted, within tight limits. */
import { type Dtype, liveTensorCount, setThreads, tidy } from "@zerosearch/torch";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { SamplingError } from "../errors.ts";
import type { Decoder } from "../models/decoder.ts";
import { naiveTokens } from "../testing/naive-sampler.ts";
import { tinyDecoder } from "../testing/tiny-decoder.ts";
import { type Conversation, Engine } from "./engine.ts";
import type { Generation } from "./generation.ts";
import { KvCache } from "./kv-cache.ts";
import type { GenerationRequest, SamplingOptions, StopOptions } from "./request.ts";
import { uniform } from "./uniform.ts";

setThreads(1);
const VOCABULARY = 160;

let decoder: Decoder;
let before = 0;
beforeEach(() => {
  decoder = tinyDecoder();
  before = liveTensorCount();
});
afterEach(() => {
  vi.restoreAllMocks();
  expect(liveTensorCount()).toBe(before);
  decoder.dispose();
});

/** Numbers of a stream of their own: below(n) is an integer in [0, n). */
class Chance {
  readonly #seed: number;
  #place = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  below(count: number): number {
    return Math.floor(uniform(this.#seed, this.#place++) * count);
  }

  tokens(count: number): number[] {
    return Array.from({ length: count }, () => this.below(VOCABULARY));
  }
}

type Options = SamplingOptions & StopOptions;

interface Job {
  readonly generation: Generation;
  /** All that stood before what it generates. */
  readonly text: readonly number[];
  readonly firstPlace: number;
  readonly options: Options;
  abortIn: number;
}

class Scenario {
  readonly jobs: Job[] = [];
  readonly #chance: Chance;
  readonly #engine: Engine;
  readonly #beginnings: readonly number[][];
  readonly #conversations: { readonly conversation: Conversation; isBusy: boolean }[] = [];

  constructor(engine: Engine, chance: Chance) {
    this.#engine = engine;
    this.#chance = chance;
    this.#beginnings = Array.from({ length: 3 }, () => chance.tokens(10 + chance.below(60)));
  }

  async play(events: number): Promise<void> {
    for (let event = 0; event < events; event++) {
      if (this.#chance.below(10) < 5) this.#request();
      else this.#continue();
      for (const job of this.jobs) if (job.abortIn-- === 0) job.generation.abort();
      if (this.#chance.below(2) === 0) this.#engine.step();
      if (this.#chance.below(4) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(this.jobs.map(({ generation }) => generation.result));
    for (const { conversation } of this.#conversations) conversation.dispose();
  }

  #request(): void {
    const [prompt, options] = [this.#prompt(), this.#options()];
    this.#watch(this.#engine.add({ prompt, ...options }), { text: prompt, firstPlace: 0, options });
  }

  #continue(): void {
    const index = this.#chance.below(this.#conversations.length + 1);
    let known = this.#conversations[index];
    if (!known) {
      known = { conversation: this.#engine.open(), isBusy: false };
      this.#conversations.push(known);
    }
    const { conversation } = known;
    if (known.isBusy || conversation.tokens.length > 80) return;
    if (this.#chance.below(6) === 0) {
      conversation.dispose();
      this.#conversations.splice(index, 1);
      return;
    }
    const added = conversation.tokens.length === 0 ? this.#prompt() : this.#chance.tokens(1 + this.#chance.below(5));
    const [text, options] = [[...conversation.tokens, ...added], this.#options()];
    const firstPlace = conversation.tokens.length;
    known.isBusy = true;
    const generation = conversation.continue(added, options);
    void generation.result.finally(() => {
      known.isBusy = false;
    });
    this.#watch(generation, { text, firstPlace, options });
  }

  #watch(generation: Generation, job: Omit<Job, "generation" | "abortIn">): void {
    this.jobs.push({ generation, ...job, abortIn: this.#chance.below(5) === 0 ? this.#chance.below(6) : -1 });
  }

  #prompt(): number[] {
    const beginning = this.#beginnings[this.#chance.below(3)] ?? [];
    return [
      ...beginning.slice(0, 1 + this.#chance.below(beginning.length)),
      ...this.#chance.tokens(this.#chance.below(8)),
    ];
  }

  #options(): Options {
    const ways: Partial<Options>[] = [{}, { temperature: 0 }, { topP: 0.9 }, { topK: 5 }, { repetitionPenalty: 1.3 }];
    const stopIds = this.#chance.below(3) === 0 ? this.#chance.tokens(8) : [];
    return {
      maxTokens: 1 + this.#chance.below(12),
      seed: this.#chance.below(1000),
      stopIds,
      ...ways[this.#chance.below(5)],
    };
  }
}

/** The caches that are made from now on. */
function watchCaches(): KvCache[] {
  const seen: KvCache[] = [];
  const reserve = KvCache.prototype.reserve;
  vi.spyOn(KvCache.prototype, "reserve").mockImplementation(function (this: KvCache, ...parameters) {
    if (!seen.includes(this)) seen.push(this);
    reserve.apply(this, parameters);
  });
  return seen;
}

/** Tokens that passes have computed from now on: every pass asks once where they go. */
function countTokens(): () => number {
  const rows = vi.spyOn(KvCache.prototype, "places");
  return () => rows.mock.calls.reduce((sum, [slots]) => sum + slots.length, 0);
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "scenario %i: every text is what a naive sampler gives, and the cache keeps within its limit",
  async (seed) => {
    const chance = new Chance(seed);
    const limits = {
      maxSequences: 1 + chance.below(9),
      maxCacheTokens: 128 * (2 + chance.below(8)),
      maxPrefillTokens: 1 + chance.below(60),
    };
    const caches = watchCaches();
    using engine = new Engine(decoder, limits);
    const step = engine.step.bind(engine);
    vi.spyOn(engine, "step").mockImplementation(() => {
      const more = step();
      for (const { slots, capacity } of caches) expect(slots * capacity).toBeLessThanOrEqual(limits.maxCacheTokens);
      return more;
    });
    const scenario = new Scenario(engine, chance);
    await scenario.play(30);
    expect(scenario.jobs.length).toBeGreaterThan(12);
    for (const { generation, text, firstPlace, options } of scenario.jobs) {
      const { tokens, finishReason } = await generation.result;
      const expected = naiveTokens(decoder, { prompt: text, ...options }, engine.numerics, firstPlace);
      expect(tokens).toEqual(finishReason.kind === "aborted" ? expected.slice(0, tokens.length) : expected);
    }
    expect(engine.load).toEqual({ running: 0, waiting: 0 });
  },
);

describe("what is computed", () => {
  const text = (length: number, first: number): number[] =>
    Array.from({ length }, (_, i) => (first + 7 * i) % VOCABULARY);

  test("a group's common prompt once", async () => {
    const computed = countTokens();
    using engine = new Engine(decoder);
    const prompt = text(100, 3);
    await Promise.all([0, 1, 2, 3].map((seed) => engine.add({ prompt, maxTokens: 5, seed }).result));
    expect(computed()).toBe(100 + 3 + 4 * 4); // each other's last token, and what all four generate but for the last
  });

  test("of a conversation that goes on the new tokens and the one before them, also after an abort", async () => {
    using engine = new Engine(decoder);
    using conversation = engine.open();
    await conversation.continue(text(100, 3), { maxTokens: 5 }).result;
    const computed = countTokens();
    await conversation.continue([1, 2, 3], { maxTokens: 1 }).result;
    expect(computed()).toBe(1 + 3);
    const aborted = conversation.continue([4, 5], { maxTokens: 50 });
    engine.step();
    aborted.abort();
    await aborted.result;
    const already = computed();
    await conversation.continue([6], { maxTokens: 1 }).result;
    expect(computed() - already).toBe(1 + 1);
  });

  test("of a long prompt no more in a step than the limit", () => {
    const computed = countTokens();
    using engine = new Engine(decoder, { maxPrefillTokens: 16 });
    void engine.add({ prompt: text(50, 1), maxTokens: 1 });
    const parts = [0, 1, 2, 3].map(() => {
      const already = computed();
      engine.step();
      return computed() - already;
    });
    expect(parts).toEqual([16, 16, 16, 2]);
  });

  test("prompts beside a long one do not become as long", () => {
    using engine = new Engine(decoder, { maxPrefillTokens: 128 });
    const rows = vi.spyOn(KvCache.prototype, "places");
    void engine.add({ prompt: text(100, 1), maxTokens: 20 });
    for (let i = 0; i < 20; i++) void engine.add({ prompt: [i, 1], maxTokens: 20 });
    engine.step();
    engine.step();
    const sizes = rows.mock.calls.map(([slots]) => slots.length);
    expect(sizes).toEqual([100, 1, 40, 21]); // each followed by the next tokens of what was read
  });
});

describe("what goes wrong", () => {
  const fails = (): never => {
    throw new Error("the device is gone");
  };

  test("an error in handling an error fails every text, and none waits for ever", async () => {
    using engine = new Engine(decoder);
    const running = [1, 2, 3, 4].map((token) => engine.add({ prompt: [token], maxTokens: 30 }));
    engine.step();
    for (const method of ["places", "move", "erase"] as const)
      vi.spyOn(KvCache.prototype, method).mockImplementation(fails);
    for (const { result } of running) await expect(result).rejects.toThrow("the device is gone");
    expect(engine.load).toEqual({ running: 0, waiting: 0 });
    vi.restoreAllMocks();
    expect((await engine.add({ prompt: [1], maxTokens: 3 }).result).tokens).toHaveLength(3);
  });

  test("no room for a larger cache, found half way, leaves no table behind", async () => {
    using engine = new Engine(decoder);
    const running = engine.add({ prompt: [1], maxTokens: 30 });
    engine.step();
    const joining = engine.add({ prompt: [1], maxTokens: 300 });
    const { embeddings } = decoder; // asked for once for each table
    let tables = 0;
    vi.spyOn(decoder, "embeddings", "get").mockImplementation(() => (++tables > 2 ? fails() : embeddings));
    engine.step();
    vi.restoreAllMocks();
    for (const { result } of [running, joining]) await expect(result).rejects.toThrow("the device is gone");
    expect(tables).toBe(3);
    expect((await engine.add({ prompt: [1], maxTokens: 3 }).result).tokens).toHaveLength(3);
  });

  test.each<Dtype>(["float32", "bfloat16"])(
    "%s texts that are not numbers spoil none beside them or after them",
    async (dtype) => {
      using broken = tinyDecoder(0, { tie_word_embeddings: false }, dtype);
      tidy(() => {
        broken.embeddings.select(0, 7).fill_(Number.NaN);
      });
      const clean = [1, 2, 3].map((token) => ({ prompt: [token], maxTokens: 12, topK: 1 }));
      using fresh = new Engine(broken, { maxSequences: 1 });
      const expected = [];
      for (const one of clean) expected.push((await fresh.add(one).result).tokens);
      using engine = new Engine(broken, { maxSequences: 4 });
      const spoil = (): Generation => engine.add({ prompt: new Array<number>(20).fill(7), maxTokens: 5 });
      const [first, beside, second] = [spoil(), engine.add(clean[0] as GenerationRequest), spoil()];
      for (const { result } of [first, second]) await expect(result).rejects.toThrow(SamplingError);
      const after = clean.map((one) => engine.add(one));
      expect((await beside.result).tokens).toEqual(expected[0]);
      for (const [i, { result }] of after.entries()) expect((await result).tokens).toEqual(expected[i]);
    },
  );
});
