/**
 * B3, the other half: sampling the same numbers of sequences from the same float32 weights by our engine, in exact numerics,
 * and by llama.cpp through node-llama-cpp, what a project on Node would use for it. The ratio is ours to theirs in tokens
 * per second, the worst of 16 sequences and more.
 */
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Decoder, Engine } from "@zerosearch/lm";
import { setThreads } from "@zerosearch/torch";
import { benchmarkPrompts, generateBatch, PROMPT_LENGTH } from "./support/generate-batch.ts";
import { conclude, environment, interleave, type Pair, ratios, showSpread, spread } from "./support/interleave.ts";
import { benchmarkModel } from "./support/models.ts";
import { importPeer } from "./support/node-peer.ts";
import { pythonWithPeers } from "./support/python-peer.ts";

/** What is used of node-llama-cpp. */
interface LlamaSequence {
  clearHistory(): Promise<void>;
  evaluate(tokens: readonly number[], options: Record<string, unknown>): AsyncGenerator<number>;
}
interface LlamaContext {
  getSequence(): LlamaSequence;
  dispose(): Promise<void>;
}
interface LlamaModel {
  createContext(options: Record<string, unknown>): Promise<LlamaContext>;
  dispose(): Promise<void>;
}
interface LlamaPackage {
  getLlama(
    options: Record<string, unknown>,
  ): Promise<{ loadModel(options: { modelPath: string }): Promise<LlamaModel> }>;
}

const VERSION = "3.22.1";
const TURNS = 5;
const BAR = 1;
const JUDGED_FROM = 16;
/** The most tokens that llama.cpp reads at once. */
const MOST_BATCH = 2048;
const CASES = {
  tiny: { batches: [1, 16, 64, 256], newTokens: 64 },
  small: { batches: [1, 16], newTokens: 32 },
} as const;

setThreads(1);
const { getLlama } = await importPeer<LlamaPackage>("node-llama-cpp", VERSION);
const llama = await getLlama({ gpu: false, build: "never", maxThreads: 1, logLevel: "error" });

/** Seconds for one batch by llama.cpp. */
async function theirs(sequences: readonly LlamaSequence[], prompts: readonly number[][], newTokens: number) {
  for (const sequence of sequences) await sequence.clearHistory();
  const startedAt = performance.now();
  await Promise.all(
    sequences.map(async (sequence, i) => {
      let count = 0;
      const options = { temperature: 1, topK: 0, topP: 1, minP: 0, seed: i, yieldEogToken: true };
      for await (const _ of sequence.evaluate(prompts[i] ?? [], options)) if (++count === newTokens) break;
      if (count !== newTokens) throw new Error(`llama.cpp gave ${count} tokens, expected ${newTokens}`);
    }),
  );
  return (performance.now() - startedAt) / 1000;
}

async function compare(decoder: Decoder, model: LlamaModel, batch: number, newTokens: number): Promise<Pair[]> {
  const prompts = benchmarkPrompts(batch, decoder.config.vocabularySize);
  const batchSize = Math.min(MOST_BATCH, batch * PROMPT_LENGTH);
  const contextSize = PROMPT_LENGTH + newTokens;
  const context = await model.createContext({ sequences: batch, contextSize, batchSize, threads: 1 });
  const sequences = prompts.map(() => context.getSequence());
  using engine = new Engine(decoder);
  const pairs = await interleave(
    () => theirs(sequences, prompts, newTokens),
    () => generateBatch(engine, batch, newTokens),
    TURNS,
  );
  await context.dispose();
  return pairs;
}

console.log(
  `decode: prompts of ${PROMPT_LENGTH}, float32, one thread, ${TURNS} interleaved turns, node-llama-cpp ${VERSION}`,
);
const results: Record<string, { batch: number; ratio: number; pairs: Pair[] }> = {};
for (const size of ["tiny", "small"] as const) {
  const { decoder, folder } = benchmarkModel(size);
  const file = join(folder, "model.gguf");
  execFileSync(pythonWithPeers(), [fileURLToPath(new URL("../../bench/to-gguf.py", import.meta.url)), folder, file]);
  const model = await llama.loadModel({ modelPath: file });
  const { batches, newTokens } = CASES[size];
  for (const batch of batches) {
    const pairs = await compare(decoder, model, batch, newTokens);
    const ratio = spread(ratios(pairs));
    const [theirRate, ourRate] = [0, 1].map(
      (side) => (batch * newTokens) / spread(pairs.map((pair) => pair[side] ?? 0)).median,
    );
    console.log(
      `${size.padEnd(5)} batch ${String(batch).padStart(3)}  ${ourRate?.toFixed(0).padStart(6)} tokens/s, ` +
        `theirs ${theirRate?.toFixed(0).padStart(6)}: ${showSpread(ratio)} × llama.cpp`,
    );
    results[`${size} ${batch}`] = { batch, ratio: ratio.median, pairs };
  }
  await model.dispose();
  decoder.dispose();
  rmSync(folder, { recursive: true });
}

const judged = Object.values(results).filter(({ batch }) => batch >= JUDGED_FROM);
const [worst] = judged.sort((a, b) => a.ratio - b.ratio);
process.exitCode = conclude({
  name: "decode-llama-cpp",
  ratio: worst?.ratio ?? Number.NaN,
  better: "higher",
  bar: BAR,
  pass: (worst?.ratio ?? 0) >= BAR,
  pairs: worst?.pairs ?? [],
  environment: { ...environment(), results },
});
