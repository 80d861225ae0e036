/**
 * B5: one whole step of GRPO (rollouts, scores, log-probabilities, update), ours and TRL's GRPOTrainer: the same weights,
 * prompts, reward, optimizer, and numbers of tokens. TRL plays one turn without search, so ours does too; every
 * completion is as long as all others, which spares TRL the padding that real rollouts would cost it. The ratio is
 * TRL's time to ours.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setThreads } from "@zerosearch/torch";
import { GrpoSteps, type StepSeconds } from "./support/grpo-steps.ts";
import { conclude, environment, interleave, ratios, showSpread, spread } from "./support/interleave.ts";
import { PythonPeer, pythonWithPeers } from "./support/python-peer.ts";

const TURNS = 7;
const BAR = 2;
const QUESTIONS = 8;
const GROUP_SIZE = 8;
const PROMPT_TOKENS = 40;
const COMPLETION_TOKENS = 64;

setThreads(1);
const python = pythonWithPeers();
const script = fileURLToPath(new URL("../../bench/rl-step.py", import.meta.url));

const steps = new GrpoSteps("tiny", {
  questions: QUESTIONS,
  groupSize: GROUP_SIZE,
  promptTokens: PROMPT_TOKENS,
  searches: 0,
  turnTokens: COMPLETION_TOKENS,
  documentWords: 0,
});
const prompts = join(steps.folder, "prompts.json");
writeFileSync(prompts, JSON.stringify(steps.prompts));
using peer = new PythonPeer(python, script, [
  steps.folder,
  "1",
  prompts,
  String(GROUP_SIZE),
  String(COMPLETION_TOKENS),
]);

const ours: StepSeconds[] = [];
const pairs = await interleave(
  () => peer.ask("step"),
  async () => {
    const seconds = await steps.step();
    ours.push(seconds);
    return seconds.whole;
  },
  TURNS,
);
steps.dispose();

const ratio = spread(ratios(pairs));
const [theirMedian, ourMedian] = [0, 1].map((side) =>
  showSpread(spread(pairs.map((pair) => pair[side] ?? Number.NaN))),
);
const phase = (of: (seconds: StepSeconds) => number): string => spread(ours.slice(1).map(of)).median.toFixed(2);
console.log(
  `rl-step: GRPO, one turn without search (all that TRL plays), ${QUESTIONS} × ${GROUP_SIZE} rollouts, prompts of ` +
    `${PROMPT_TOKENS}, completions of exactly ${COMPLETION_TOKENS} tokens, KL to a reference, AdamW, 1.8 M parameters, float32, one ` +
    `thread, ${TURNS} interleaved turns`,
);
console.log(
  `TRL ${theirMedian} s; ours, exact numerics, ${ourMedian} s (rollouts ${phase(({ rollouts }) => rollouts)}, ` +
    `log-probs ${phase(({ logProbs }) => logProbs)}, update ${phase(({ update }) => update)}); ${showSpread(ratio)} × as fast as TRL`,
);
process.exitCode = conclude({
  name: "rl-step",
  ratio: ratio.median,
  better: "higher",
  bar: BAR,
  pass: ratio.median >= BAR,
  pairs,
  environment: { ...environment(), ours },
});
