/**
 * B6: peak memory of log-probabilities and their backward pass at a vocabulary of 151,936 and 4,096 tokens, in chunks
 * and all at once. Each side runs in a process of its own, so that its peak is its own.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { FAST_NUMERICS, fineTuningLoss, tokenLogProbs } from "@zerosearch/lm";
import { Generator, grad, ones, randint, randn, tidy } from "@zerosearch/torch";
import { conclude, environment, type Pair, ratios, showSpread, spread } from "./support/interleave.ts";

const VOCABULARY = 151_936;
const TOKENS = 4096;
const HIDDEN = 16;
const CHUNK_ROWS = 128;
const TURNS = 5;
const BAR = 0.35;

/** Largest resident size of this process so far, in MiB. */
function peakMiB(): number {
  const kibibytes = /VmHWM:\s+(?<size>\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.groups?.size;
  return Number(kibibytes) / 1024;
}

/** What one pass adds to the process's peak. */
function measure(chunkRows: number): number {
  const generator = new Generator(0);
  const hidden = randn([TOKENS, HIDDEN], { generator }).requireGrad();
  const weights = randn([VOCABULARY, HIDDEN], { generator }).requireGrad();
  const targets = randint(0, VOCABULARY, [TOKENS], { generator });
  const before = peakMiB();
  tidy(() => {
    const numerics = FAST_NUMERICS;
    const logProbs = tokenLogProbs(hidden, weights, targets, { numerics, chunkRows });
    grad(fineTuningLoss(logProbs, ones([TOKENS]), TOKENS), [hidden, weights]);
  });
  return peakMiB() - before;
}

const side = process.argv.indexOf("--side");
if (side > 0) {
  console.log(measure(Number(process.argv[side + 1])));
} else {
  const run = (chunkRows: number): number =>
    Number(
      execFileSync(process.execPath, [fileURLToPath(import.meta.url), "logprob-memory", "--side", String(chunkRows)], {
        encoding: "utf8",
      }),
    );
  const pairs = Array.from({ length: TURNS }, (): Pair => [run(CHUNK_ROWS), run(TOKENS)]);
  const ratio = spread(ratios(pairs));
  const [chunked, whole] = [0, 1].map((index) => spread(pairs.map((pair) => pair[index] ?? Number.NaN)).median);
  console.log(
    `logprob-memory: vocabulary ${VOCABULARY}, ${TOKENS} tokens, hidden ${HIDDEN}; chunks of ${CHUNK_ROWS} rows ` +
      `${chunked?.toFixed(0)} MiB, all at once ${whole?.toFixed(0)} MiB, ratio ${showSpread(ratio)}`,
  );
  process.exitCode = conclude({
    name: "logprob-memory",
    ratio: ratio.median,
    better: "lower",
    bar: BAR,
    pass: ratio.median <= BAR,
    pairs,
    environment: environment(),
  });
}
