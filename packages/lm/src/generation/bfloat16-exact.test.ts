import { setThreads } from "@zerosearch/torch";
import { beforeAll, expect, test } from "vitest";
import { tinyDecoder } from "../testing/tiny-decoder.ts";
import { Engine } from "./engine.ts";
import type { GenerationRequest } from "./request.ts";
import { uniform } from "./uniform.ts";

beforeAll(() => {
  setThreads(1);
});

/** Its number is all that it depends on. */
function request(number: number): GenerationRequest {
  const draw = (place: number, below: number): number => Math.floor(uniform(number, place) * below);
  const prompt = Array.from({ length: 1 + draw(9, 60) }, (_, i) => draw(100 + i, 160));
  return { prompt, maxTokens: 24, seed: number };
}

// Products so small that libtorch computes those of few rows without oneDNN, and the rest with it.
test("bfloat16: each of 128 requests alone and among 63 others gives the same, to the bit", async () => {
  using decoder = tinyDecoder(0, { model_type: "qwen3", head_dim: 16, tie_word_embeddings: false }, "bfloat16");
  using engine = new Engine(decoder);
  const different: number[] = [];
  for (const first of [0, 64]) {
    const requests = Array.from({ length: 64 }, (_, i) => request(first + i));
    const among = await Promise.all(requests.map((one) => engine.add(one).result));
    for (const [i, one] of requests.entries()) {
      const alone = await engine.add(one).result;
      if (JSON.stringify(alone.tokens) !== JSON.stringify(among[i]?.tokens)) different.push(first + i);
    }
  }
  expect(different).toEqual([]);
});
