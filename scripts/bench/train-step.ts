/**
 * B2: forward, backward and AdamW on the same ragged batch of trajectories, from the same weights: ours, packed, and
 * PyTorch's as transformers would run it, padded. The ratio is ours to theirs in tokens per second, the worst model's.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Decoder, fineTuningLoss, fullAttention, PackedSequences, tokenLogProbs } from "@zerosearch/lm";
import { adamwStep, grad, ones, setThreads, type Tensor, tensor, tidy, zeros } from "@zerosearch/torch";
import { conclude, environment, interleave, type Pair, ratios, showSpread, spread } from "./support/interleave.ts";
import { benchmarkModel } from "./support/models.ts";
import { PythonPeer, pythonWithPeers } from "./support/python-peer.ts";

const TURNS = 5;
const BAR = 1;
const CASES = [
  { model: "tiny", sequences: 48 },
  { model: "small", sequences: 12 },
] as const;
const PROMPT_LENGTH = 24;

setThreads(1);
const python = pythonWithPeers();
const script = fileURLToPath(new URL("../../bench/train-step.py", import.meta.url));

/** Lengths as trajectories have them: many short ones, a few three times as long. */
function trajectories(count: number, vocabularySize: number): number[][] {
  return Array.from({ length: count }, (_, i) => {
    const length = 64 + Math.round(160 * ((i * 0.618) % 1) ** 3);
    return Array.from({ length }, (_, j) => (i * 7919 + j * 104_729) % vocabularySize);
  });
}

/** A training step that keeps its moments between calls; returns seconds. */
function trainer(decoder: Decoder, sequences: readonly number[][]): () => number {
  decoder.requireGrad();
  const parameters = [...decoder.parameters.values()];
  const moments = (): Tensor[] => parameters.map((parameter) => zeros(parameter.shape));
  const [firstMoments, secondMoments] = [moments(), moments()];
  const numerics = decoder.numerics("exact");
  let step = 0;
  return () => {
    const startedAt = performance.now();
    step++;
    tidy(() => {
      const packed = new PackedSequences(sequences, numerics);
      const hidden = decoder.forward(packed.tokens, packed.positions, fullAttention(packed, decoder.embeddings));
      const learned = sequences.flatMap((sequence, i) =>
        sequence.slice(PROMPT_LENGTH).map((id, j) => ({ row: (packed.starts[i] ?? 0) + PROMPT_LENGTH + j - 1, id })),
      );
      const rows = tensor(learned.map(({ row }) => BigInt(row)));
      const targets = tensor(learned.map(({ id }) => BigInt(id)));
      const logProbs = tokenLogProbs(hidden.indexSelect(0, rows), decoder.outputWeights, targets, { numerics });
      const loss = fineTuningLoss(logProbs, ones([learned.length]), learned.length);
      const gradients = grad(loss, parameters);
      const options = { step, learningRate: 1e-4, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 };
      adamwStep({ parameters, gradients, firstMoments, secondMoments }, options);
    });
    return (performance.now() - startedAt) / 1000;
  };
}

console.log(`train-step: forward, backward, AdamW; float32, one thread, ${TURNS} interleaved turns`);
const results: Record<string, { pairs: Pair[]; ratio: number }> = {};
for (const { model, sequences: count } of CASES) {
  const { decoder, folder } = benchmarkModel(model);
  const sequences = trajectories(count, decoder.config.vocabularySize);
  const batch = join(mkdtempSync(join(tmpdir(), "zerosearch-bench-batch-")), "batch.json");
  writeFileSync(batch, JSON.stringify({ sequences, prompt_lengths: sequences.map(() => PROMPT_LENGTH) }));
  using peer = new PythonPeer(python, script, [folder, "1"]);
  const ours = trainer(decoder, sequences);
  const pairs = await interleave(() => peer.ask(`step ${batch}`), ours, TURNS);
  const ratio = spread(ratios(pairs));
  const tokens = sequences.reduce((sum, sequence) => sum + sequence.length, 0);
  const rate = tokens / spread(pairs.map(([, seconds]) => seconds)).median;
  console.log(
    `${model.padEnd(5)} ${count} trajectories, ${tokens} tokens  ${rate.toFixed(0).padStart(6)} tokens/s  ${showSpread(ratio)} × PyTorch`,
  );
  results[model] = { pairs, ratio: ratio.median };
  rmSync(folder, { recursive: true });
}
const worst = Object.values(results).sort((a, b) => a.ratio - b.ratio)[0];
process.exitCode = conclude({
  name: "train-step",
  ratio: worst?.ratio ?? Number.NaN,
  better: "higher",
  bar: BAR,
  pass: (worst?.ratio ?? 0) >= BAR,
  pairs: worst?.pairs ?? [],
  environment: { ...environment(), results },
});
