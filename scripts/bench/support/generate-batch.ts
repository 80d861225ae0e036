/** Sampling a batch of equally long texts by our engine, for benchmarks of decoding. */
import type { Engine } from "@zerosearch/lm";

export const PROMPT_LENGTH = 32;

/** Prompts that have no beginning in common. */
export function benchmarkPrompts(batch: number, vocabularySize: number, length: number = PROMPT_LENGTH): number[][] {
  return Array.from({ length: batch }, (_, i) =>
    Array.from({ length }, (_, j) => (i * 7919 + j * 104_729) % vocabularySize),
  );
}

/** Seconds for one batch. */
export async function generateBatch(
  engine: Engine,
  batch: number,
  newTokens: number,
  promptLength: number = PROMPT_LENGTH,
): Promise<number> {
  const startedAt = performance.now();
  const prompts = benchmarkPrompts(batch, engine.decoder.config.vocabularySize, promptLength);
  await Promise.all(prompts.map((prompt, seed) => engine.add({ prompt, maxTokens: newTokens, seed }).result));
  return (performance.now() - startedAt) / 1000;
}
