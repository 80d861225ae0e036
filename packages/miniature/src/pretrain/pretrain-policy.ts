/** Makes the base model and, out of it, the policy's cold start: about five minutes on one thread. */
import { Decoder, type Tokenizer } from "@zerosearch/lm";
import { Generator } from "@zerosearch/torch";
import { decoderConfig, POLICY_SIZE } from "../models/configs.ts";
import { inductionParameters } from "../models/induction-initialisation.ts";
import { RandomStream } from "../world/random-stream.ts";
import { namesOf } from "../world/splits.ts";
import { baseText } from "./base-examples.ts";
import { type NamePattern, NamePatterns } from "./name-pattern.ts";
import { type Habits, policyText } from "./policy-examples.ts";
import { type Stage, type StageProgress, trainStage } from "./train-stage.ts";
import { anyQuestion, trainingWorld } from "./training-worlds.ts";

const FIRST_HABITS: Habits = {
  guessOneHop: 0.22,
  guessTwoHop: 0.22,
  goodQuery: 0.7,
  questionAsQuery: 0.13,
  takeAnswer: 0.65,
  takeAnyName: 0.25,
  secondHop: 0.62,
  answerBridge: 0.25,
};

const LAST_HABITS: Habits = {
  guessOneHop: 0.58,
  guessTwoHop: 0.58,
  goodQuery: 0.78,
  questionAsQuery: 0.1,
  takeAnswer: 0.7,
  takeAnyName: 0.2,
  secondHop: 0.76,
  answerBridge: 0.15,
};

/** Half of the trajectories are about questions of two hops. */
const TWO_HOP_SHARE = 0.5;

export interface PolicyPlan {
  readonly seed: number;
  /** Worlds that the texts of a stage are about. */
  readonly worldCount: number;
  readonly baseTexts: number;
  readonly base: Omit<Stage, "name" | "seed">;
  readonly trajectories: number;
  readonly first: Omit<Stage, "name" | "seed">;
  readonly lastTrajectories: number;
  readonly last: Omit<Stage, "name" | "seed">;
}

export const POLICY_PLAN: PolicyPlan = {
  seed: 0,
  worldCount: 4,
  baseTexts: 10_000,
  base: { batchCount: 800, tokensPerBatch: 1500, learningRate: { peak: 4e-3, warmupSteps: 30 } },
  trajectories: 24_000,
  first: {
    batchCount: 4000,
    tokensPerBatch: 1500,
    learningRate: { peak: 4e-3, warmupSteps: 10, decay: "linear", holdShare: 0.3, finalShare: 0.05 },
  },
  lastTrajectories: 5000,
  last: {
    batchCount: 500,
    tokensPerBatch: 1500,
    learningRate: { peak: 2e-3, warmupSteps: 10, decay: "linear", holdShare: 0.3, finalShare: 0.5 },
  },
};

export interface PolicyStages {
  /** Called with the decoder when the base model is ready, and again when the policy is. */
  readonly save: (name: "base" | "policy", decoder: Decoder) => void;
  readonly report: (progress: StageProgress) => void;
}

export async function pretrainPolicy(tokenizer: Tokenizer, plan: PolicyPlan, stages: PolicyStages): Promise<void> {
  const { worldCount } = plan;
  const names = namesOf("train");
  const filler = new NamePatterns(tokenizer, names);
  const random = new RandomStream(["miniature", "pretrain policy", plan.seed]);
  const config = decoderConfig(POLICY_SIZE, tokenizer.vocabularySize);
  using generator = new Generator(plan.seed);
  using decoder = new Decoder(config, inductionParameters(config, generator)).requireGrad();
  const train = (name: string, patterns: readonly NamePattern[], stage: Omit<Stage, "name" | "seed">): void =>
    trainStage(decoder, { filler, patterns }, { ...stage, name, seed: plan.seed }, stages.report);

  const base = Array.from({ length: plan.baseTexts }, () => filler.read(baseText(names, random)));
  train("base", base, plan.base);
  stages.save("base", decoder);
  const first = await trajectories(
    filler,
    { count: plan.trajectories, habits: FIRST_HABITS, name: "first", worldCount },
    random,
  );
  train("cold start", [...first, ...base.slice(0, first.length / 4)], plan.first);
  const last = await trajectories(
    filler,
    { count: plan.lastTrajectories, habits: LAST_HABITS, name: "last", worldCount },
    random,
  );
  train("cold start, last", [...last, ...base.slice(0, last.length / 4)], plan.last);
  stages.save("policy", decoder);
}

interface TrajectoryRequest {
  readonly count: number;
  readonly habits: Habits;
  /** Of the stage. */
  readonly name: string;
  readonly worldCount: number;
}

async function trajectories(
  filler: NamePatterns,
  { count, habits, name, worldCount }: TrajectoryRequest,
  random: RandomStream,
): Promise<NamePattern[]> {
  const patterns: NamePattern[] = [];
  for (let number = 0; number < worldCount; number++) {
    const world = await trainingWorld(`policy, ${name}, ${number}`);
    for (let i = 0; i < count / worldCount; i++) {
      const question = anyQuestion(world, TWO_HOP_SHARE, random);
      patterns.push(filler.read(await policyText(world, question, habits, random)));
    }
  }
  return patterns;
}
