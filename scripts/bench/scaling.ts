/**
 * B7: how the cost of a whole GRPO step (rollouts that search twice, scores, log-probabilities, update) grows with the
 * number of rollouts, with the context and with the parameters. The ratio is the exponent p of cost ~ rollouts^p, fitted
 * by least squares over the logarithms of the medians; the other two are reported beside it.
 */
import { parameterCount } from "@zerosearch/lm";
import { setThreads } from "@zerosearch/torch";
import { fittedExponent } from "./support/exponent.ts";
import { GrpoSteps, type StepSeconds, type StepSizes } from "./support/grpo-steps.ts";
import { conclude, environment, type Pair, showSpread, spread } from "./support/interleave.ts";
import type { ModelSize } from "./support/models.ts";

const TURNS = 5;
const BAR = 1.1;
const SIZES: StepSizes = {
  questions: 4,
  groupSize: 4,
  promptTokens: 32,
  searches: 2,
  turnTokens: 24,
  documentWords: 48,
};

interface Case {
  readonly model: ModelSize;
  readonly sizes: StepSizes;
}

/** The size that grows, of a case, and the cases ×1, ×2, ×4. */
interface Dimension {
  readonly sizeOf: (steps: GrpoSteps, sizes: StepSizes) => number;
  readonly cases: readonly Case[];
}

const DIMENSIONS: Readonly<Record<string, Dimension>> = {
  rollouts: {
    sizeOf: (_, { questions, groupSize }) => questions * groupSize,
    cases: [1, 2, 4].map((times) => ({ model: "tiny", sizes: { ...SIZES, questions: SIZES.questions * times } })),
  },
  context: {
    sizeOf: ({ rolloutTokens }) => rolloutTokens.whole,
    cases: [1, 2, 4].map((times) => ({
      model: "tiny",
      sizes: {
        ...SIZES,
        promptTokens: SIZES.promptTokens * times,
        turnTokens: SIZES.turnTokens * times,
        documentWords: SIZES.documentWords * times,
      },
    })),
  },
  parameters: {
    sizeOf: ({ policy }) => parameterCount(policy.config),
    cases: (["tiny", "double", "quadruple"] as const).map((model) => ({ model, sizes: SIZES })),
  },
};

/** Costs of all cases, taken in turn after one turn that is not counted. */
async function measure(cases: readonly GrpoSteps[]): Promise<StepSeconds[][]> {
  const costs = cases.map((): StepSeconds[] => []);
  for (let turn = -1; turn < TURNS; turn++) {
    for (const [i, steps] of cases.entries()) {
      const seconds = await steps.step();
      if (turn >= 0) costs[i]?.push(seconds);
    }
  }
  return costs;
}

const PHASES = ["whole", "rollouts", "logProbs", "update"] as const;

async function grow(name: string, { sizeOf, cases }: Dimension) {
  const steps = cases.map(({ model, sizes }) => new GrpoSteps(model, sizes));
  const costs = await measure(steps);
  const sizes = steps.map((one, i) => sizeOf(one, cases[i]?.sizes ?? SIZES));
  for (const one of steps) one.dispose();
  const medians = (phase: (typeof PHASES)[number]): number[] =>
    costs.map((turns) => spread(turns.map((seconds) => seconds[phase])).median);
  const exponents = Object.fromEntries(
    PHASES.map((phase) => [phase, fittedExponent(medians(phase).map((cost, i) => [sizes[i] ?? 0, cost]))]),
  );
  const seconds = costs.map((turns) => turns.map(({ whole }) => whole));
  const shown = seconds.map((turns, i) => `${sizes[i]}: ${showSpread(spread(turns))} s`).join(", ");
  const byPhase = PHASES.slice(1).map((phase) => `${phase} ${exponents[phase]?.toFixed(2)}`);
  console.log(`${name.padEnd(10)}  ${shown}  exponent ${exponents.whole?.toFixed(2)} (${byPhase.join(", ")})`);
  return { sizes, seconds, exponents };
}

setThreads(1);
const { questions, groupSize, promptTokens, searches, turnTokens, documentWords } = SIZES;
console.log(
  `scaling: GRPO steps of ${questions} × ${groupSize} rollouts of ${searches + 1} turns of ${turnTokens} tokens, prompts ` +
    `of ${promptTokens}, ${searches} searches of ${documentWords} words, 1.8 M parameters, float32, exact numerics, one ` +
    `thread, ${TURNS} interleaved turns; each size ×1, ×2, ×4, seconds as median (min–max)`,
);
const results: Record<string, Awaited<ReturnType<typeof grow>>> = {};
for (const [name, dimension] of Object.entries(DIMENSIONS)) results[name] = await grow(name, dimension);

const ratio = results.rollouts?.exponents.whole ?? Number.NaN;
const [least = [], , most = []] = results.rollouts?.seconds ?? [];
process.exitCode = conclude({
  name: "scaling",
  ratio,
  better: "lower",
  bar: BAR,
  pass: ratio <= BAR,
  pairs: most.map((seconds, turn): Pair => [seconds, least[turn] ?? Number.NaN]),
  environment: { ...environment(), sizes: SIZES, results },
});
