/**
 * B3: sampling 1, 16, 64 and 256 sequences at once, from the same weights, by our engine and by transformers' `generate`
 * with its KV cache. The ratio is ours to theirs in tokens per second, the worst of the batch sizes, with exact numerics;
 * beside it the ratio with fast numerics, which promise no more than transformers does.
 */
import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { type Decoder, Engine } from "@zerosearch/lm";
import { setThreads } from "@zerosearch/torch";
import { generateBatch, PROMPT_LENGTH } from "./support/generate-batch.ts";
import { conclude, environment, interleaveAll, type Pair, ratios, showSpread, spread } from "./support/interleave.ts";
import { benchmarkModel } from "./support/models.ts";
import { PythonPeer, pythonWithPeers } from "./support/python-peer.ts";

const TURNS = 5;
const BAR = 2;
const EXACT_BAR = 1.3;
const CASES = [
  { model: "tiny", batch: 1, newTokens: 64 },
  { model: "tiny", batch: 16, newTokens: 64 },
  { model: "tiny", batch: 64, newTokens: 64 },
  { model: "tiny", batch: 256, newTokens: 64 },
  { model: "small", batch: 1, newTokens: 32 },
  { model: "small", batch: 16, newTokens: 32 },
] as const;

setThreads(1);
const python = pythonWithPeers();
const script = fileURLToPath(new URL("../../bench/decode.py", import.meta.url));

async function compare(decoder: Decoder, peer: PythonPeer, { model, batch, newTokens }: (typeof CASES)[number]) {
  using exact = new Engine(decoder);
  using fast = new Engine(decoder, { numerics: "fast" });
  const sides = [
    () => peer.ask(`generate ${batch} ${PROMPT_LENGTH} ${newTokens}`),
    () => generateBatch(exact, batch, newTokens),
    () => generateBatch(fast, batch, newTokens),
  ];
  const turns = (await interleaveAll(sides, TURNS)) as [theirs: number, exact: number, fast: number][];
  const pairs = turns.map(([theirs, ours]): Pair => [theirs, ours]);
  const ratio = spread(ratios(pairs));
  const fastRatio = spread(turns.map(([theirs, , ours]) => theirs / ours));
  const exactCost = spread(turns.map(([, costly, cheap]) => costly / cheap));
  const rate = (batch * newTokens) / spread(pairs.map(([, ours]) => ours)).median;
  console.log(
    `${model.padEnd(5)} batch ${String(batch).padStart(3)}  ${rate.toFixed(0).padStart(6)} tokens/s  ` +
      `${showSpread(ratio)} × transformers, fast ${showSpread(fastRatio)}; exact costs ${showSpread(exactCost)} × fast`,
  );
  return { pairs, ratio: ratio.median, fastRatio: fastRatio.median, exactCost: exactCost.median };
}

console.log(`decode: prompts of ${PROMPT_LENGTH}, float32, one thread, ${TURNS} interleaved turns`);
const results: Record<string, Awaited<ReturnType<typeof compare>>> = {};
for (const model of ["tiny", "small"] as const) {
  const { decoder, folder } = benchmarkModel(model);
  using peer = new PythonPeer(python, script, [folder, "1", "float32"]);
  for (const one of CASES) {
    if (one.model === model) results[`${model} ${one.batch}`] = await compare(decoder, peer, one);
  }
  decoder.dispose();
  rmSync(folder, { recursive: true });
}

const worst = Object.values(results).sort((a, b) => a.ratio - b.ratio)[0];
const dearest = Math.max(...Object.values(results).map(({ exactCost }) => exactCost));
console.log(
  `exact numerics cost at most ${dearest.toFixed(2)} × fast, bar ≤ ${EXACT_BAR}: ${dearest <= EXACT_BAR ? "pass" : "FAIL"}`,
);
process.exitCode = conclude({
  name: "decode",
  ratio: worst?.ratio ?? Number.NaN,
  better: "higher",
  bar: BAR,
  pass: (worst?.ratio ?? 0) >= BAR && dearest <= EXACT_BAR,
  pairs: worst?.pairs ?? [],
  environment: { ...environment(), cores: availableParallelism(), results },
});
