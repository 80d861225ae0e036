/**
 * Our decoders against Hugging Face's transformers: logits, loss, the gradient of every parameter, log-probabilities and
 * greedy generation of small random models of each family. Made by scripts/make-golden-models.py, which says how; the
 * versions stand in each expected.safetensors.
 */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { grad, noGrad, ones, setThreads, type Tensor, tensor, tidy } from "@zerosearch/torch";
import { beforeAll, describe, expect, test } from "vitest";
import { fineTuningLoss } from "../fine-tuning-loss.ts";
import { Engine } from "../generation/engine.ts";
import { tokenLogProbs } from "../log-probs.ts";
import { fullAttention } from "../nn/full-attention.ts";
import type { Numerics } from "../nn/numerics.ts";
import { PackedSequences } from "../nn/packed-sequences.ts";
import { openSafetensors } from "../weights/safetensors-file.ts";
import type { Decoder } from "./decoder.ts";
import { loadDecoder } from "./model-folder.ts";

const GOLDEN = fileURLToPath(new URL("../../../../test/golden/models/", import.meta.url));
const FOLDERS = readdirSync(GOLDEN, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const NEW_TOKENS = 24;

/** Absolute, on logits of standard deviation 1 to 3. */
const LOGIT_TOLERANCE = 1e-4;
/** Relative to a gradient's largest element. */
const GRADIENT_TOLERANCE = 1e-4;

beforeAll(() => {
  setThreads(1);
});

test("at least six configurations of three families are compared", () => {
  expect(FOLDERS.length).toBeGreaterThanOrEqual(8);
  for (const family of ["qwen2", "qwen3", "llama"]) expect(FOLDERS.some((name) => name.startsWith(family))).toBe(true);
});

describe.each(FOLDERS.filter((name) => !name.includes("bfloat16")))("%s", (name) => {
  test.each(["exact", "fast"] as const)("logits and log-probabilities, %s", (mode) => {
    tidy(() => {
      using golden = openSafetensors(`${GOLDEN}${name}/expected.safetensors`);
      using decoder = loadDecoder(`${GOLDEN}${name}`);
      const sequences = readSequences(golden.read("tokens"), golden.read("lengths"));
      const { logits, logProbs } = score(decoder, sequences, decoder.numerics(mode));
      expect(farthest(logits, golden.read("logits"))).toBeLessThan(LOGIT_TOLERANCE);
      expect(farthest(logProbs, golden.read("logprobs"))).toBeLessThan(LOGIT_TOLERANCE);
    });
  });

  test.each(["exact", "fast"] as const)("the loss and the gradient of every parameter, %s", (mode) => {
    tidy(() => {
      using golden = openSafetensors(`${GOLDEN}${name}/expected.safetensors`);
      using decoder = loadDecoder(`${GOLDEN}${name}`).requireGrad();
      const sequences = readSequences(golden.read("tokens"), golden.read("lengths"));
      const { logProbs } = score(decoder, sequences, decoder.numerics(mode));
      const loss = fineTuningLoss(logProbs, ones([logProbs.numel]), logProbs.numel);
      expect(loss.item()).toBeCloseTo(golden.read("loss").item(), 5);
      const gradients = grad(loss, [...decoder.parameters.values()]);
      for (const [i, parameter] of [...decoder.parameters.keys()].entries()) {
        const expected = golden.read(`grad.${parameter}`);
        const got = gradients[i] ?? expected.mul(0);
        const scale = expected.abs().amax().item();
        expect(farthest(got, expected) / scale, parameter).toBeLessThan(GRADIENT_TOLERANCE);
      }
    });
  });

  test("greedy generation, all prompts at once and with the cache", async () => {
    using golden = openSafetensors(`${GOLDEN}${name}/expected.safetensors`);
    using decoder = loadDecoder(`${GOLDEN}${name}`);
    const expected = tidy(() => [0, 1, 2].map((i) => golden.read(`greedy.${i}`).toNumbers()));
    for (const numerics of ["exact", "fast"] as const) {
      using engine = new Engine(decoder, { numerics });
      const results = await Promise.all(
        expected.map(
          (tokens) =>
            engine.add({ prompt: tokens.slice(0, -NEW_TOKENS), maxTokens: NEW_TOKENS, temperature: 0 }).result,
        ),
      );
      expect(results.map(({ tokens }) => tokens.map(({ id }) => id))).toEqual(
        expected.map((tokens) => tokens.slice(-NEW_TOKENS)),
      );
    }
  });
});

test.each(FOLDERS.filter((name) => name.includes("bfloat16")))(
  "%s: logits in bfloat16 are no farther from those in float32 than transformers' own",
  (name) => {
    tidy(() => {
      using golden = openSafetensors(`${GOLDEN}${name}/expected.safetensors`);
      using half = loadDecoder(`${GOLDEN}${name}`);
      using whole = loadDecoder(`${GOLDEN}${name}`, { dtype: "float32" });
      const sequences = readSequences(golden.read("tokens"), golden.read("lengths"));
      const [ours, reference] = [half, whole].map(
        (decoder) => score(decoder, sequences, decoder.numerics("fast")).logits,
      );
      if (!ours || !reference) throw new Error("two models give two results");
      const theirs = farthest(golden.read("logits").to("float32"), reference);
      expect(theirs).toBeGreaterThan(0.01);
      expect(farthest(ours, reference)).toBeLessThan(1.5 * theirs);
    });
  },
);

function readSequences(tokens: Tensor, lengths: Tensor): number[][] {
  const flat = tokens.toNumbers();
  const sizes = lengths.toNumbers();
  return sizes.map((size, i) => {
    const start = sizes.slice(0, i).reduce((sum, before) => sum + before, 0);
    return flat.slice(start, start + size);
  });
}

/** Logits of all tokens in float32, and how likely each token after a sequence's first is. */
function score(
  decoder: Decoder,
  sequences: readonly number[][],
  numerics: Numerics,
): { logits: Tensor; logProbs: Tensor } {
  const packed = new PackedSequences(sequences, numerics);
  const hidden = decoder.forward(packed.tokens, packed.positions, fullAttention(packed, decoder.embeddings));
  const rows = sequences.flatMap((sequence, i) => sequence.slice(1).map((_, j) => BigInt((packed.starts[i] ?? 0) + j)));
  const targets = tensor(sequences.flatMap((sequence) => sequence.slice(1).map(BigInt)));
  const states = hidden.indexSelect(0, tensor(rows));
  const logProbs = tokenLogProbs(states, decoder.outputWeights, targets, { numerics });
  return { logits: decoder.logits(hidden).narrow(0, 0, packed.tokenCount).to("float32"), logProbs };
}

function farthest(got: Tensor, expected: Tensor): number {
  expect(got.shape).toEqual(expected.shape);
  return noGrad(() => tidy(() => got.sub(expected).abs().amax().item()));
}
