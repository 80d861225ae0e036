/**
 * A tiny decoder and rollouts of it whose reward is easy: the share of sampled tokens in the upper half of the
 * vocabulary. Every rollout has two actions with an observation between them, so that masks matter.
 */
import {
  Decoder,
  type DecoderConfig,
  fullAttention,
  initialParameters,
  PackedSequences,
  parseDecoderConfig,
} from "@zerosearch/lm";
import { type Dtype, Generator, noGrad, tidy } from "@zerosearch/torch";
import { keyedUniform } from "../../core/keyed-random.ts";
import type { ScoredTrajectory } from "../../reward/reward.ts";
import type { StopReason } from "../../rollout/stop-reason.ts";
import type { ActionSegment, ObservationSegment, Trajectory } from "../../rollout/trajectory.ts";

const VOCABULARY = 32;

const CONFIG: DecoderConfig = parseDecoderConfig(
  {
    model_type: "qwen2",
    vocab_size: VOCABULARY,
    hidden_size: 16,
    intermediate_size: 32,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    max_position_embeddings: 128,
    rms_norm_eps: 1e-6,
    rope_theta: 10_000,
    tie_word_embeddings: true,
    initializer_range: 0.3,
  },
  "tiny config.json",
);

/** The same seed gives the same weights. */
export function tinyDecoder(seed = 0, dtype: Dtype = "float32"): Decoder {
  using generator = new Generator(seed);
  return new Decoder(CONFIG, initialParameters(CONFIG, generator, { dtype }));
}

export function action(tokens: readonly number[], logProbs: readonly number[]): ActionSegment {
  const answer = { kind: "answer", answer: "" } as const;
  return { kind: "action", tokens, logProbs, fullLogProbs: logProbs, text: "", action: answer, generationMs: 0 };
}

export function observation(tokens: readonly number[]): ObservationSegment {
  return { kind: "observation", cause: "search", tokens, text: "" };
}

/** What a test says of a rollout; the rest is filled in. */
export interface RolloutFacts {
  readonly question: number;
  readonly sample: number;
  readonly segments: readonly (ActionSegment | ObservationSegment)[];
  readonly reward: number;
  readonly stopReason?: StopReason;
  readonly prompt?: readonly number[];
}

export function scoredRollout({
  question,
  sample,
  segments,
  reward,
  stopReason,
  prompt,
}: RolloutFacts): ScoredTrajectory {
  const id = `q${question}`;
  const trajectory: Trajectory = {
    key: { seed: 0, step: 0, questionId: id, sample },
    question: { id, text: id, answers: ["a"], source: "test" },
    segments: [{ kind: "prompt", tokens: prompt ?? [1, 2, 3 + question], text: "" }, ...segments],
    stopReason: stopReason ?? "answered",
    answer: null,
    policyVersion: 0,
    lastPolicyVersion: 0,
    totalMs: 0,
    searchMs: 0,
  };
  return { trajectory, score: { reward, measures: {} } };
}

/** Probabilities of the next token after each text. */
export function nextProbabilities(decoder: Decoder, texts: readonly (readonly number[])[]): number[][] {
  return noGrad(() =>
    tidy(() => {
      const packed = new PackedSequences(texts, decoder.numerics("fast"));
      const hidden = decoder.forward(packed.tokens, packed.positions, fullAttention(packed, decoder.embeddings));
      const probabilities = decoder.logits(hidden).softmax(-1);
      return packed.starts.map((start, i) => probabilities.select(0, start + (texts[i]?.length ?? 0) - 1).toNumbers());
    }),
  );
}

/** The mean probability of the rewarded tokens after the prompts. */
export function rewardedProbability(decoder: Decoder): number {
  const rows = nextProbabilities(decoder, [
    [1, 2, 3],
    [1, 2, 4],
    [1, 2, 5],
  ]);
  const upper = rows.map((row) => row.slice(VOCABULARY / 2).reduce((sum, probability) => sum + probability, 0));
  return upper.reduce((sum, probability) => sum + probability, 0) / upper.length;
}

/** Samples rollouts of different lengths: for each of the questions, `groupSize`. */
export function sampleRollouts(
  decoder: Decoder,
  { questions, groupSize, step }: { questions: number; groupSize: number; step: number },
): ScoredTrajectory[] {
  const rollouts = Array.from({ length: questions * groupSize }, (_, i) => {
    const [question, sample] = [Math.floor(i / groupSize), i % groupSize];
    const seen = [6, 7, 8, 9].slice(0, 1 + (sample % 4));
    return { question, sample, text: [1, 2, 3 + question], seen, drawn: [] as { token: number; logProb: number }[] };
  });
  for (let turn = 0; turn < 3; turn++) {
    if (turn === 2) for (const { text, seen } of rollouts) text.push(...seen);
    const rows = nextProbabilities(
      decoder,
      rollouts.map(({ text }) => text),
    );
    for (const [i, { question, sample, text, drawn }] of rollouts.entries()) {
      const row = rows[i] ?? [];
      const token = inverse(row, keyedUniform([step, question, sample, turn]));
      text.push(token);
      drawn.push({ token, logProb: Math.log(row[token] ?? 1) });
    }
  }
  return rollouts.map(({ question, sample, seen, drawn }) => {
    const tokens = drawn.map(({ token }) => token);
    const logProbs = drawn.map(({ logProb }) => logProb);
    const segments = [
      action(tokens.slice(0, 2), logProbs.slice(0, 2)),
      observation(seen),
      action(tokens.slice(2), logProbs.slice(2)),
    ];
    const reward = tokens.filter((token) => token >= VOCABULARY / 2).length / tokens.length;
    return scoredRollout({ question, sample, segments, reward });
  });
}

function inverse(probabilities: readonly number[], uniform: number): number {
  let sum = 0;
  for (const [token, probability] of probabilities.entries()) {
    sum += probability;
    if (uniform < sum) return token;
  }
  return probabilities.length - 1;
}
