/**
 * B16: the same work on the libtorch that the set-up installs, Debian's, and on that of a current PyTorch wheel, each by a
 * checkout in a process of its own: a step of fine-tuning, the update of a GRPO step, decoding. The ratio is speed on the
 * former to speed on the latter, the worst case's. Options: `--model FOLDER` adds a real model to the two small ones,
 * `--threads 1,2` says with how many, `--only TEXT` measures only the cases with that text in their names.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { libtorch, setThreads } from "@zerosearch/torch";
import { conclude, environment, interleave, type Pair, ratios, showSpread, spread } from "./support/interleave.ts";
import { answerQuestions, type Question, type Work } from "./support/library-work.ts";
import { LinePeer } from "./support/line-peer.ts";
import { benchmarkModel } from "./support/models.ts";
import { pythonWithPeers } from "./support/python-peer.ts";
import { CHECKOUT, wheelCheckout } from "./support/wheel-checkout.ts";

const TURNS = 5;
const BAR = 0.9;
const DEFAULT_THREADS = "1,2";

const decode = (batch: number, newTokens: number, promptLength: number): Work => ({
  kind: "decode",
  batch,
  newTokens,
  promptLength,
});

/** A third of a second to two and a half per turn on one thread: the whole run takes some minutes. */
const WORK: Readonly<Record<"tiny" | "small" | "real", readonly Work[]>> = {
  tiny: [
    { kind: "fine-tune", sequences: 16, length: 192 },
    {
      kind: "grpo",
      sizes: { questions: 4, groupSize: 4, promptTokens: 32, searches: 2, turnTokens: 24, documentWords: 48 },
    },
    decode(1, 256, 32),
    decode(16, 128, 32),
    decode(64, 48, 32),
  ],
  small: [
    { kind: "fine-tune", sequences: 4, length: 128 },
    {
      kind: "grpo",
      sizes: { questions: 1, groupSize: 4, promptTokens: 32, searches: 1, turnTokens: 24, documentWords: 44 },
    },
    decode(1, 32, 32),
    decode(16, 16, 32),
    decode(64, 8, 16),
  ],
  real: [
    { kind: "fine-tune", sequences: 4, length: 48 },
    {
      kind: "grpo",
      sizes: { questions: 1, groupSize: 4, promptTokens: 16, searches: 0, turnTokens: 16, documentWords: 0 },
    },
    decode(1, 12, 8),
    decode(16, 8, 8),
    decode(64, 4, 4),
  ],
};

/** A case of a model: its name, and what both sides are asked. */
interface Case {
  readonly name: string;
  readonly question: Question;
}

interface Result {
  readonly pairs: readonly Pair[];
  readonly ratio: ReturnType<typeof spread>;
}

function casesOf(model: keyof typeof WORK, threadCounts: readonly number[], only: string): Case[] {
  return WORK[model]
    .flatMap((work) =>
      threadCounts.map((threads) => ({ name: caseName(model, work, threads), question: { work, threads } })),
    )
    .filter(({ name }) => name.includes(only));
}

function caseName(model: string, work: Work, threads: number): string {
  const of = work.kind === "decode" ? `decode ${work.batch}` : work.kind;
  return `${model} ${of}, ${threads} ${threads === 1 ? "thread" : "threads"}`;
}

/** The process that measures one checkout, on the model of a folder. */
function sideOf(root: string, folder: string): LinePeer {
  const script = join(root, "scripts/dist/bench/default-speed.js");
  return new LinePeer(`the side of ${root}`, process.execPath, [script, "default-speed", "--side", folder]);
}

async function compare(cases: readonly Case[], wheelRoot: string, folder: string): Promise<Record<string, Result>> {
  using wheel = sideOf(wheelRoot, folder);
  using own = sideOf(CHECKOUT, folder);
  const results: Record<string, Result> = {};
  for (const { name, question } of cases) {
    const line = JSON.stringify(question);
    const pairs = await interleave(
      () => wheel.ask(line),
      () => own.ask(line),
      TURNS,
    );
    const ratio = spread(ratios(pairs));
    const [wheelSeconds, ownSeconds] = [0, 1].map((side) =>
      spread(pairs.map((pair) => pair[side] ?? Number.NaN)).median.toFixed(3),
    );
    console.log(
      `${name.padEnd(28)} ${ownSeconds} s, wheel ${wheelSeconds} s: ${showSpread(ratio)} × the wheel's speed`,
    );
    results[name] = { pairs, ratio };
  }
  return results;
}

async function main(options: Readonly<Record<string, unknown>>): Promise<number> {
  const threadCounts = String(options.threads ?? DEFAULT_THREADS)
    .split(",")
    .map(Number);
  const only = String(options.only ?? "");
  const models = (["tiny", "small", "real"] as const)
    .map((model) => ({ model, cases: casesOf(model, threadCounts, only) }))
    .filter(({ model, cases }) => cases.length > 0 && (model !== "real" || options.model !== undefined));
  if (models.length === 0) {
    console.error(
      `default-speed: no case has "${only}" in its name; expected part of, say, "${casesOf("tiny", threadCounts, "")[0]?.name}"`,
    );
    return 2;
  }
  const wheel = wheelCheckout(pythonWithPeers());
  setThreads(Math.max(...threadCounts)); // nothing is computed here: so that what is printed of this process is true of its sides
  console.log(
    `default-speed: libtorch ${libtorch().version} (${libtorch().source}) and PyTorch's wheel of ${wheel.version}; float32, ` +
      `${TURNS} interleaved turns, seconds as medians`,
  );
  if (options.model === undefined) console.log("a real model is left out: name its folder with --model FOLDER");
  const results: Record<string, Result> = {};
  for (const { model, cases } of models) {
    const made = model === "real" ? undefined : benchmarkModel(model);
    made?.decoder.dispose();
    Object.assign(results, await compare(cases, wheel.root, made?.folder ?? String(options.model)));
    if (made !== undefined) rmSync(made.folder, { recursive: true });
  }
  return verdict(results, wheel.version);
}

function verdict(results: Readonly<Record<string, Result>>, wheel: string): number {
  const [worst] = Object.entries(results).sort(([, a], [, b]) => a.ratio.median - b.ratio.median);
  if (worst === undefined) throw new Error("internal: no case was measured");
  const [name, { ratio, pairs }] = worst;
  console.log(`worst: ${name}`);
  return conclude({
    name: "default-speed",
    ratio: ratio.median,
    better: "higher",
    bar: BAR,
    pass: ratio.median >= BAR,
    pairs,
    environment: { ...environment(), wheel, worst: name, results },
  });
}

const { values } = parseArgs({
  args: process.argv.slice(3),
  options: {
    side: { type: "string" },
    model: { type: "string" },
    threads: { type: "string" },
    only: { type: "string" },
  },
  strict: false,
});
if (typeof values.side === "string") await answerQuestions(values.side);
else process.exitCode = await main(values);
