/**
 * B4: multi-turn rollouts with a search engine that takes its time, by ours and by the reference's scheme on the same
 * engine and weights. The ratio is ours to the reference's in rollouts per second, the worst of the latencies. Lengths are
 * a quarter of the reference's settings: turns of at most 128 tokens, of which 12 to 36 are kept, five documents of
 * eleven words, prompts of 40, at most five searches.
 */
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Engine } from "@zerosearch/lm";
import { setThreads } from "@zerosearch/torch";
import {
  DEFAULT_ROLLOUT_LIMITS,
  type Document,
  enginePolicy,
  keyedUniform,
  type Question,
  rolloutGroups,
  type SearchEngine,
  turnCount,
} from "@zerosearch/zerosearch";
import { conclude, environment, interleave, type Pair, ratios, showSpread, spread } from "./support/interleave.ts";
import { lockStepRollouts } from "./support/lock-step-rollouts.ts";
import { benchmarkModel } from "./support/models.ts";
import { PlannedText } from "./support/planned-text.ts";

const TURNS = 5;
const BAR = 3;
const QUESTIONS = 8;
const GROUP_SIZE = 5;
const PROMPT_LENGTH = 40;
const LIMITS = { ...DEFAULT_ROLLOUT_LIMITS, maxTurnTokens: 128 };
/** Milliseconds, of a number in [0, 1). */
const LATENCIES: Readonly<Record<string, (uniform: number) => number>> = {
  "0 ms": () => 0,
  "50 ms": () => 50,
  "500 ms": () => 500,
  "50 ms, long tail": (uniform) => Math.min(3000, 50 * (1 - uniform) ** -0.8),
};

setThreads(1);
const { decoder, folder } = benchmarkModel("tiny");
const { vocabularySize } = decoder.config;
const text = new PlannedText(vocabularySize);
const questions: Question[] = Array.from({ length: QUESTIONS }, (_, i) => ({
  id: `q${i}`,
  text: `question ${i}`,
  answers: ["a"],
  source: "bench",
}));
const promptOf = ({ id }: Question): number[] =>
  Array.from({ length: PROMPT_LENGTH }, (_, i) => Math.floor(keyedUniform([id, i]) * vocabularySize));

/** Five documents of nine words each, after its time. */
function slowEngine(latencyOf: (uniform: number) => number): SearchEngine {
  const documents: Document[] = Array.from({ length: 5 }, (_, i) => ({ text: `a b c d e f g h i${i}` }));
  return {
    name: "slow",
    identity: {},
    open: ({ key }) => {
      let searches = 0;
      return {
        async search() {
          const latencyMs = latencyOf(keyedUniform([key.questionId, key.sample, searches++, "latency"]));
          if (latencyMs > 0) await sleep(latencyMs);
          return { documents, source: "slow", latencyMs };
        },
      };
    },
  };
}

async function seconds(play: () => Promise<number>): Promise<number> {
  const startedAt = performance.now();
  turnsTaken.push(await play());
  return (performance.now() - startedAt) / 1000;
}

const turnsTaken: number[] = [];
using engine = new Engine(decoder, { tokenizer: text, numerics: "fast" });
const policy = enginePolicy(engine);

async function ours(search: SearchEngine): Promise<number> {
  const trajectories = await rolloutGroups(questions, {
    policy,
    search,
    tokenizer: text,
    encodePrompt: (question) => ({ tokens: promptOf(question), text: "" }),
    seed: 0,
    step: 0,
    noise: 0,
    sampling: {},
    stopIds: [],
    limits: LIMITS,
    answerNow: null,
    groupSize: GROUP_SIZE,
  });
  return trajectories.reduce((sum, trajectory) => sum + turnCount(trajectory), 0);
}

const { maxTurns, maxTurnTokens, topK } = LIMITS;
const lockStep = { engine, text, promptOf, groupSize: GROUP_SIZE, maxTurns, maxTurnTokens, topK };
console.log(`rollout: ${QUESTIONS} × ${GROUP_SIZE} rollouts, one thread, ${TURNS} interleaved turns`);
const results: Record<string, { readonly pairs: readonly Pair[]; readonly ratio: number }> = {};
for (const [name, latencyOf] of Object.entries(LATENCIES)) {
  const search = slowEngine(latencyOf);
  const pairs = await interleave(
    () => seconds(() => lockStepRollouts(questions, { ...lockStep, search })),
    () => seconds(() => ours(search)),
    TURNS,
  );
  const ratio = spread(ratios(pairs));
  const rate = (QUESTIONS * GROUP_SIZE) / spread(pairs.map(([, mine]) => mine)).median;
  console.log(
    `${name.padEnd(16)}  ${rate.toFixed(1).padStart(6)} rollouts/s  ${showSpread(ratio)} × the reference's scheme`,
  );
  results[name] = { pairs, ratio: ratio.median };
}
console.log(`turns per run on both sides: ${[...new Set(turnsTaken)].join(", ")}`);
decoder.dispose();
rmSync(folder, { recursive: true });

const worst = Object.values(results).sort((a, b) => a.ratio - b.ratio)[0];
process.exitCode = conclude({
  name: "rollout",
  ratio: worst?.ratio ?? Number.NaN,
  better: "higher",
  bar: BAR,
  pass: (worst?.ratio ?? 0) >= BAR,
  pairs: worst?.pairs ?? [],
  environment: { ...environment(), results },
});
