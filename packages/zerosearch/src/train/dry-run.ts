/** What a run would be, without running it: everything is resolved and looked at, little is computed. */
import {
  type DecoderConfig,
  loadTokenizer,
  packedWeightBytes,
  parameterCount,
  readDecoderConfig,
} from "@zerosearch/lm";
import { hasOwnAttention, hasOwnProducts } from "@zerosearch/torch";
import type { Question } from "../core/question.ts";
import { type EncodedPrompt, encodePrompt } from "../data/encode-prompt.ts";
import { QuestionOrder } from "../data/question-order.ts";
import { promptOptionsOf } from "../models/agent.ts";
import type { RolloutEngineContext } from "../models/create-rollout-engine.ts";
import { readPrompt } from "../models/saved-prompt.ts";
import { weightsDtype } from "../models/weights-dtype.ts";
import { parameterBytes } from "../update/parameter-bytes.ts";
import type { TrainConfig } from "./train-config.ts";
import { type TrainWorld, withTrainWorld } from "./train-world.ts";

export interface DryRun {
  readonly config: TrainConfig;
  readonly questions: number;
  /** Rows left out because they are no questions. */
  readonly skippedRows: number;
  readonly epochs: number;
  readonly rolloutsPerStep: number;
  readonly parameters: number;
  /** Most tokens of one rollout: the longest prompt of the first step, the policy's tokens and what it reads. */
  readonly longestRollout: number;
  /** Of the first step's first question. */
  readonly firstPrompt: EncodedPrompt;
  /** Estimates in bytes, by what holds them; what a batch needs on the way comes on top. */
  readonly memory: Readonly<
    Record<"weights" | "packed weights" | "optimizer" | "reference" | "critic" | "gradients" | "cache", number>
  >;
}

/**
 * @throws {ConfigError} @throws {DataError} @throws {ModelFileError} what would stop the run at its start, but for damaged
 *   weights, which are not loaded
 */
export async function dryRun(config: TrainConfig, context: RolloutEngineContext = {}): Promise<DryRun> {
  return await withTrainWorld(config, context, async (world) => planOf(world));
}

function planOf({ config, algorithm, questions, skippedRows }: TrainWorld): DryRun {
  const decoder = readDecoderConfig(config.model.path);
  const prompts = firstPrompts(config, questions);
  const [firstPrompt] = prompts;
  if (!firstPrompt) throw new Error("internal: a step without questions");
  const longestRollout = longestOf(config, Math.max(...prompts.map(({ tokens }) => tokens.length)), decoder);
  const rolloutsPerStep = config.questionsPerStep * config.groupSize;
  const cachedTokens = Math.min(config.model.maxCacheTokens, rolloutsPerStep * longestRollout);
  const parameters = parameterCount(decoder);
  const dtype = weightsDtype(config.model.path, config.model.dtype);
  const bytes = parameterBytes(dtype);
  const { device } = config.model;
  const packs = config.model.packWeights && hasOwnProducts({ dtype, device });
  return {
    config,
    questions: questions.length,
    skippedRows,
    epochs: (config.steps * config.questionsPerStep) / questions.length,
    rolloutsPerStep,
    parameters,
    longestRollout,
    firstPrompt,
    memory: {
      weights: parameters * bytes.weights,
      "packed weights": packs ? packedWeightBytes(decoder) : 0,
      optimizer: parameters * bytes.optimizer,
      gradients: parameters * bytes.gradients,
      reference: algorithm.kl.coefficient === 0 ? 0 : parameters * bytes.weights,
      critic: algorithm.hasCritic ? parameters * (bytes.weights + bytes.optimizer) : 0,
      // Where attention is the addon's own, 16 bits are widened for it.
      cache: cachedTokens * cacheBytesPerToken(decoder, hasOwnAttention({ dtype, device }) ? 4 : bytes.weights),
    },
  };
}

/** Those of the first step. */
function firstPrompts({ model, seed, questionsPerStep }: TrainConfig, questions: readonly Question[]): EncodedPrompt[] {
  const tokenizer = loadTokenizer(model.path);
  return new QuestionOrder(questions, seed)
    .next(questionsPerStep)
    .map(({ text }) => encodePrompt(tokenizer, text, promptOptionsOf(model, readPrompt(model.path))));
}

function longestOf({ limits }: TrainConfig, promptTokens: number, { maxPositions }: DecoderConfig): number {
  const { maxTurns, maxTurnTokens, maxTotalTokens, maxObservationTokens } = limits;
  const written = Math.min(maxTotalTokens, (maxTurns + 1) * maxTurnTokens);
  return Math.min(maxPositions, promptTokens + written + maxTurns * maxObservationTokens);
}

/** Keys and values of every layer. */
function cacheBytesPerToken({ layerCount, keyValueHeadCount, headSize }: DecoderConfig, bytes: number): number {
  return 2 * layerCount * keyValueHeadCount * headSize * bytes;
}
