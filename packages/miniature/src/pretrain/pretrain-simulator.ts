/** Makes the simulator: about a quarter of an hour on one thread. */
import { Decoder, type Tokenizer } from "@zerosearch/lm";
import { Generator } from "@zerosearch/torch";
import { decoderConfig, SIMULATOR_SIZE } from "../models/configs.ts";
import { inductionParameters } from "../models/induction-initialisation.ts";
import { RandomStream } from "../world/random-stream.ts";
import { namesOf } from "../world/splits.ts";
import { baseText } from "./base-examples.ts";
import { type NamePattern, NamePatterns } from "./name-pattern.ts";
import { simulatorExample } from "./simulator-examples.ts";
import { type Stage, type StageProgress, trainStage } from "./train-stage.ts";
import { anyQuestion, trainingWorld } from "./training-worlds.ts";

/** Two hops are harder to simulate: they get more of the texts. */
const TWO_HOP_SHARE = 0.6;

/** Base texts among the pages, as a share of these. */
const BASE_SHARE = 0.12;

export interface SimulatorPlan {
  readonly seed: number;
  /** Worlds that the texts of a stage are about. */
  readonly worldCount: number;
  readonly baseTexts: number;
  readonly base: Omit<Stage, "name" | "seed">;
  readonly pages: number;
  readonly simulator: Omit<Stage, "name" | "seed">;
}

export const SIMULATOR_PLAN: SimulatorPlan = {
  seed: 0,
  worldCount: 6,
  baseTexts: 12_000,
  base: { batchCount: 600, tokensPerBatch: 2000, learningRate: { peak: 3e-3, warmupSteps: 30 } },
  pages: 48_000,
  simulator: {
    batchCount: 5000,
    tokensPerBatch: 2000,
    learningRate: { peak: 3e-3, warmupSteps: 20, decay: "linear", holdShare: 0.35, finalShare: 0.03 },
  },
};

export interface SimulatorStages {
  readonly save: (name: "simulator", decoder: Decoder) => void;
  readonly report: (progress: StageProgress) => void;
}

export async function pretrainSimulator(
  tokenizer: Tokenizer,
  plan: SimulatorPlan,
  stages: SimulatorStages,
): Promise<void> {
  const names = namesOf("train");
  const filler = new NamePatterns(tokenizer, names);
  const random = new RandomStream(["miniature", "pretrain simulator", plan.seed]);
  const config = decoderConfig(SIMULATOR_SIZE, tokenizer.vocabularySize);
  using generator = new Generator(plan.seed);
  using decoder = new Decoder(config, inductionParameters(config, generator)).requireGrad();
  const train = (name: string, patterns: readonly NamePattern[], stage: Omit<Stage, "name" | "seed">): void =>
    trainStage(decoder, { filler, patterns }, { ...stage, name, seed: plan.seed }, stages.report);

  const base = Array.from({ length: plan.baseTexts }, () => filler.read(baseText(names, random)));
  train("base", base, plan.base);
  const pages = await simulatorPages(filler, plan, random);
  train("simulator", [...pages, ...base.slice(0, BASE_SHARE * pages.length)], plan.simulator);
  stages.save("simulator", decoder);
}

async function simulatorPages(
  filler: NamePatterns,
  { pages: count, worldCount }: SimulatorPlan,
  random: RandomStream,
): Promise<NamePattern[]> {
  const pages: NamePattern[] = [];
  for (let number = 0; number < worldCount; number++) {
    const source = { ...(await trainingWorld(`simulator, ${number}`)), patterns: filler };
    for (let i = 0; i < count / worldCount; i++) {
      pages.push(await simulatorExample(source, anyQuestion(source, TWO_HOP_SHARE, random), random));
    }
  }
  return pages;
}
