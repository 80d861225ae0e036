import { Decoder, initialParameters, parseDecoderConfig } from "@zerosearch/lm";
import { Generator, setThreads } from "@zerosearch/torch";
import { expect, test } from "vitest";
import { AdamW } from "../update/optimizer.ts";
import { batchLoss, type Example, fineTuneStep } from "./fine-tune-step.ts";

setThreads(1);

function tinyDecoder(): Decoder {
  const config = parseDecoderConfig(
    {
      model_type: "qwen2",
      vocab_size: 16,
      hidden_size: 16,
      intermediate_size: 32,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      max_position_embeddings: 64,
      rms_norm_eps: 1e-6,
      initializer_range: 0.2,
    },
    "this test",
  );
  return new Decoder(config, initialParameters(config, new Generator(1))).requireGrad();
}

const example = (tokens: number[], promptLength: number): Example => ({
  tokens,
  weights: tokens.map((_, i) => (i < promptLength ? 0 : 1)),
});

test("a model learns the completion of a prompt", () => {
  using decoder = tinyDecoder();
  using optimizer = new AdamW(decoder.parameters, { weightDecay: 0 });
  const options = { learningRate: 0.01, maxGradientNorm: 1, numerics: decoder.numerics("fast") };
  const batch = [example([1, 2, 3, 4], 2), example([1, 5, 6, 7, 8], 2)];
  const losses = Array.from({ length: 60 }, () => fineTuneStep(decoder, optimizer, batch, options).loss);
  expect(losses[0]).toBeGreaterThan(2);
  expect(losses.at(-1)).toBeLessThan(0.05);
});

test("what the prompt holds beyond the model's reading of it is not learned: its tokens' own loss has no weight", () => {
  using decoder = tinyDecoder();
  const options = { numerics: decoder.numerics("fast") };
  const [a, b] = [example([1, 2, 3, 4], 3), example([9, 8, 7, 6, 5], 1)];
  const alone = batchLoss(decoder, [a], options).item();
  const both = batchLoss(decoder, [a, b], options).item();
  const other = batchLoss(decoder, [b], options).item();
  expect(both).toBeCloseTo((alone + 4 * other) / 5, 5); // one mean over five learned tokens, not over two texts
});

test("an example whose weights do not fit its tokens is refused", () => {
  using decoder = tinyDecoder();
  const bad = { tokens: [1, 2, 3], weights: [0, 1] };
  expect(() => batchLoss(decoder, [bad], { numerics: decoder.numerics("fast") })).toThrow(/3 tokens and 2 weights/);
});
