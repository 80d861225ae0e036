/** Rollouts by a real decoder in a real engine: what was sampled, what was read and what is learned are the same tokens. */
import {
  Decoder,
  Engine,
  fullAttention,
  type GenerationResult,
  initialParameters,
  PackedSequences,
  parseDecoderConfig,
  type Tokenizer,
  tokenLogProbs,
  trainBpe,
} from "@zerosearch/lm";
import { Generator, liveTensorCount, setThreads, tensor, tidy } from "@zerosearch/torch";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Question } from "../core/question.ts";
import { encodePrompt } from "../data/encode-prompt.ts";
import { f1Reward } from "../reward/answer-rewards.ts";
import { ANSWER_NOW, INVALID_ACTION } from "../rollout/observation.ts";
import type { Policy } from "../rollout/policy.ts";
import { policyFullLogProbs, policyLogProbs, tokenSequence } from "../rollout/policy-tokens.ts";
import { rollout } from "../rollout/rollout.ts";
import { DEFAULT_ROLLOUT_LIMITS, type RolloutSettings } from "../rollout/rollout-context.ts";
import { rolloutGroups } from "../rollout/rollout-groups.ts";
import { ATTACK_DOCUMENTS } from "../rollout/testing/attack-documents.ts";
import { ScriptedPolicy } from "../rollout/testing/scripted-policy.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import { searchEngineOf } from "../search/lift.ts";
import type { SearchEngine, SessionContext } from "../search/search-engine.ts";
import { enginePolicy } from "./engine-policy.ts";

const END = "<|im_end|>";
const TEMPERATURE = 0.9;
const TEMPLATE = "Q: {question}\n";

/** Its vocabulary is so full of tags that a random model searches and answers. */
function tagTokenizer(): Tokenizer {
  const letters = [..."abcdefghijklmnopqrstuvwxyz"];
  const tags = ["<search>", "</search>", "<answer>", "</answer>"];
  return trainBpe({
    texts: [INVALID_ACTION.repeat(9), ANSWER_NOW.repeat(9)].concat(
      tags.flatMap((tag) => [`${tag} `.repeat(200), ...letters.map((letter) => `${letter}${tag} `.repeat(3))]),
    ),
    vocabularySize: 600,
    specialTokens: [END],
    eosToken: END,
    splitPattern: "[a-z]?</?(?:search|answer)>|\\s|[^\\s<]+|<",
  });
}

let tokenizer: Tokenizer;
let decoder: Decoder;
let tensorsBefore = 0;
beforeAll(() => {
  setThreads(1);
  tensorsBefore = liveTensorCount();
  tokenizer = tagTokenizer();
  const config = parseDecoderConfig(
    {
      model_type: "qwen2",
      vocab_size: 600,
      hidden_size: 32,
      intermediate_size: 64,
      num_hidden_layers: 2,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      max_position_embeddings: 1024,
      rms_norm_eps: 1e-6,
      tie_word_embeddings: true,
      initializer_range: 0.2,
    },
    "test config.json",
  );
  using generator = new Generator(0);
  // In float64 the rounding that depends on who else is in the batch is too small to change a token, on any machine.
  decoder = new Decoder(config, initialParameters(config, generator, { dtype: "float64" }));
});
afterAll(() => {
  decoder.dispose();
  expect(liveTensorCount()).toBe(tensorsBefore);
});

/** One text as the engine was asked to continue it. */
interface Recording {
  readonly requests: (readonly number[])[];
  readonly results: GenerationResult[];
  /** What the engine itself holds as the text. */
  tokens: readonly number[];
}

/** The engine's policy, remembering what went in and came out. */
function recordingPolicy(engine: Engine): { policy: Policy; recordings: Recording[] } {
  const recordings: Recording[] = [];
  const open: Policy["open"] = () => {
    const conversation = engine.open();
    const recording: Recording = { requests: [], results: [], tokens: conversation.tokens };
    recordings.push(recording);
    return {
      continue(tokens, options) {
        const generation = conversation.continue(tokens, options);
        recording.requests.push([...conversation.tokens]);
        const result = generation.result.then((done) => {
          recording.results.push(done);
          return done;
        });
        return { result, abort: () => generation.abort() };
      },
      dispose: () => conversation.dispose(),
    };
  };
  const { version, contextLength } = enginePolicy(engine);
  return { policy: { version, contextLength, open }, recordings };
}

/** Answers with the question's own id, and keeps who asked what. */
class OwnQuestionEngine implements SearchEngine {
  readonly name = "own-question";
  readonly identity = {};
  readonly asked: { readonly context: SessionContext; readonly query: string }[] = [];

  open(context: SessionContext): ReturnType<SearchEngine["open"]> {
    return {
      search: async (query) => {
        this.asked.push({ context, query });
        const text = `page of ${context.question.id} ${END}`;
        return { documents: [{ text }], source: this.name, latencyMs: 0 };
      },
    };
  }
}

const questions: Question[] = Array.from({ length: 24 }, (_, i) => ({
  id: `q${i}`,
  text: `what is ${i}`,
  answers: [`${i}`],
  source: "test",
}));

function settingsOf(policy: Policy, search: SearchEngine = new OwnQuestionEngine()): RolloutSettings {
  return {
    policy,
    search,
    tokenizer,
    encodePrompt: ({ text }) => encodePrompt(tokenizer, text, { template: TEMPLATE }),
    seed: 11,
    step: 1,
    noise: 0,
    sampling: { temperature: TEMPERATURE },
    stopIds: [tokenizer.idOf(END) ?? -1],
    limits: { ...DEFAULT_ROLLOUT_LIMITS, maxTurns: 2, maxTurnTokens: 16 },
  };
}

/** Equal up to the rounding of float32, in which log-probabilities leave the engine. */
function expectSame(a: readonly number[], b: readonly number[]): void {
  expect(a).toHaveLength(b.length);
  expect(Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))))).toBeLessThan(1e-5);
}

const played = ({ segments, key, stopReason, answer }: Trajectory) => ({
  key,
  stopReason,
  answer,
  segments: segments.map((segment) =>
    segment.kind === "action" ? { ...segment, logProbs: [], fullLogProbs: [], generationMs: 0 } : segment,
  ),
});

test("requests extend each other, and the trajectory holds what was sampled, tokens and log-probabilities, bit for bit (D6)", async () => {
  using engine = new Engine(decoder, { tokenizer, numerics: "fast" });
  const { policy, recordings } = recordingPolicy(engine);
  const trajectories = await rolloutGroups(questions.slice(0, 8), { ...settingsOf(policy), groupSize: 4 });
  const actions = trajectories.flatMap(({ segments }) =>
    segments.flatMap((s) => (s.kind === "action" ? [s.action.kind] : [])),
  );
  expect(new Set(actions)).toEqual(new Set(["search", "answer", "invalid"]));
  const byText = new Map(recordings.map((recording) => [recording.tokens.join(), recording]));
  for (const trajectory of trajectories) {
    const { tokens, isPolicyToken } = tokenSequence(trajectory);
    const recording = byText.get(tokens.join());
    const sampled = recording?.results.flatMap((result) => result.tokens) ?? [];
    expect(sampled.length).toBeGreaterThan(0);
    for (const request of recording?.requests ?? []) expect(request).toEqual(tokens.slice(0, request.length));
    expect(tokens.filter((_, i) => isPolicyToken[i])).toEqual(sampled.map(({ id }) => id));
    expect([...policyLogProbs(trajectory)]).toEqual(sampled.map(({ logProb }) => logProb));
    expect([...policyFullLogProbs(trajectory)]).toEqual(sampled.map(({ fullLogProb }) => fullLogProb));
  }
  expect(engine.load).toEqual({ running: 0, waiting: 0 });
});

test("a trainer's full pass over the trajectory's tokens gives the log-probabilities that were recorded", async () => {
  using engine = new Engine(decoder, { tokenizer, numerics: "fast" });
  const { policy } = recordingPolicy(engine);
  const trajectories = await rolloutGroups(questions.slice(0, 4), { ...settingsOf(policy), groupSize: 3 });
  const sequences = trajectories.map((trajectory) => tokenSequence(trajectory));
  const trained = tidy(() => {
    const packed = new PackedSequences(
      sequences.map(({ tokens }) => tokens),
      engine.numerics,
    );
    const hidden = decoder.forward(packed.tokens, packed.positions, fullAttention(packed, decoder.embeddings));
    const places = sequences.flatMap(({ tokens, isPolicyToken }, i) =>
      tokens.flatMap((id, j) => (isPolicyToken[j] ? [{ row: (packed.starts[i] ?? 0) + j - 1, id }] : [])),
    );
    const rows = hidden.indexSelect(0, tensor(places.map(({ row }) => BigInt(row))));
    const targets = tensor(places.map(({ id }) => BigInt(id)));
    const options = { numerics: engine.numerics, temperature: TEMPERATURE };
    return tokenLogProbs(rows, decoder.outputWeights, targets, options).toNumbers();
  });
  const sampled = trajectories.flatMap((trajectory) => [...policyFullLogProbs(trajectory)]);
  expect(sampled.length).toBeGreaterThan(120);
  expectSame(sampled, trained);
});

test("a rollout played again alone is the same as among 120 at once, and every search was its own question's (D4)", async () => {
  using engine = new Engine(decoder, { tokenizer, numerics: "fast", maxSequences: 64 });
  const search = new OwnQuestionEngine();
  const settings = settingsOf(enginePolicy(engine), search);
  const trajectories = await rolloutGroups(questions, { ...settings, groupSize: 5 });
  expect(search.asked.length).toBeGreaterThan(20);
  for (const trajectory of trajectories) {
    const asked = search.asked.filter(
      ({ context }) =>
        context.key.questionId === trajectory.question.id && context.key.sample === trajectory.key.sample,
    );
    const read = trajectory.segments.flatMap((segment, i) => {
      const before = trajectory.segments[i - 1];
      if (segment.kind !== "observation" || segment.cause !== "search") return [];
      expect(segment.text).toContain(`page of ${trajectory.question.id} (|im_end|)`);
      return before?.kind === "action" && before.action.kind === "search" ? [before.action.query] : [];
    });
    expect(asked.map(({ query }) => query)).toEqual(read);
    expect(asked.every(({ context }) => context.question === trajectory.question)).toBe(true);
  }
  const searched = trajectories.filter(({ segments }) => segments.length > 4).slice(0, 3);
  expect(searched).toHaveLength(3);
  for (const among of searched) {
    const alone = await rollout(among.question, { ...settings, sample: among.key.sample });
    expect(played(alone)).toEqual(played(among));
    expectSame([...policyLogProbs(alone)], [...policyLogProbs(among)]);
  }
});

test("what is streamed while the policy writes is what stands in the trajectory", async () => {
  using engine = new Engine(decoder, { tokenizer, numerics: "fast" });
  const heard: string[] = [];
  const turns: string[] = [];
  for (const question of questions.slice(0, 4)) {
    await rollout(question, {
      ...settingsOf(enginePolicy(engine)),
      sample: 0,
      onText: (piece) => heard.push(piece),
      onSegment: (segment) => {
        if (segment.kind !== "action") return;
        turns.push(segment.text);
        expect(heard.join("")).toBe(turns.join(""));
      },
    });
  }
  expect(turns.length).toBeGreaterThan(4);
  expect(heard.length).toBeGreaterThan(2 * turns.length);
});

test("an abort in the middle frees the engine at once", async () => {
  using engine = new Engine(decoder, { tokenizer, numerics: "fast", maxSequences: 16 });
  const controller = new AbortController();
  const trajectories = await rolloutGroups(questions, {
    ...settingsOf(enginePolicy(engine)),
    groupSize: 4,
    signal: controller.signal,
    onProgress: ({ done }) => {
      if (done === 5) controller.abort();
    },
  });
  expect(trajectories).toHaveLength(96);
  const aborted = trajectories.filter(({ stopReason }) => stopReason === "aborted");
  expect(aborted.length).toBeGreaterThan(50);
  expect(engine.load).toEqual({ running: 0, waiting: 0 });
  const again = await rolloutGroups(questions.slice(0, 2), {
    ...settingsOf(enginePolicy(engine)),
    groupSize: 2,
  });
  expect(again.every(({ stopReason }) => stopReason !== "aborted")).toBe(true);
});

test("attacks in documents are ordinary tokens to a trained tokenizer and move no reward (D19)", async () => {
  const lines = ["<search>who</search>", "hm<|im_end|>", "<search>more</search>", "<answer>Alice</answer>"];
  const question: Question = { id: "a", text: "who", answers: ["Alice"], source: "test" };
  const policy = new ScriptedPolicy(tokenizer, ({ turn }) => lines[turn] ?? "");
  for (const text of ATTACK_DOCUMENTS) {
    const search = searchEngineOf({ name: "hostile", identity: {}, search: async () => [{ title: text, text }] });
    const trajectory = await rollout(question, {
      ...settingsOf(policy, search),
      limits: DEFAULT_ROLLOUT_LIMITS,
      sample: 0,
    });
    expect(trajectory.segments).toHaveLength(8);
    expect(f1Reward(trajectory).reward).toBe(1);
    for (const segment of trajectory.segments.filter(({ kind }) => kind === "observation")) {
      expect(segment.tokens.filter((id) => tokenizer.specialIds.has(id))).toEqual([]);
      expect(tokenizer.decode(segment.tokens)).toBe(segment.text);
    }
  }
});
