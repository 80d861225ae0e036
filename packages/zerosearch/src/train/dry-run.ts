/** What a run would be, without running it: everything is resolved and looked at, little is computed. */
import { type DecoderConfig, loadTokenizer, parameterShapes, readDecoderConfig } from "@zerosearch/lm";
import type { EncodedPrompt } from "../data/encode-prompt.ts";
import { encodePrompt } from "../data/encode-prompt.ts";
import { loadQuestions } from "../data/load-questions.ts";
import { QuestionOrder } from "../data/question-order.ts";
import { configuredAlgorithm } from "./objective-config.ts";
import type { TrainConfig } from "./train-config.ts";

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
  /** Estimates in bytes, by what holds them. */
  readonly memory: Readonly<Record<"weights" | "optimizer" | "reference" | "critic" | "gradients" | "cache", number>>;
}

const BYTES = { float64: 8, float32: 4, bfloat16: 2, float16: 2 } as const;
/** Two moments of AdamW, and the master weights that 16 bits need. */
const MOMENT_BYTES = 2 * BYTES.float32;

/**
 * @throws {ConfigError} @throws {DataError} @throws {ModelFileError} what would stop the run at its start
 */
export async function dryRun(config: TrainConfig): Promise<DryRun> {
  const algorithm = configuredAlgorithm(config.algorithm, config.objective);
  const { questions, skipped } = await loadQuestions(config.data.files, { skipInvalid: config.data.skipInvalid });
  const tokenizer = loadTokenizer(config.model.path);
  const decoder = readDecoderConfig(config.model.path);
  const { chat, prompt, date, chatVariables } = config.model;
  const prompts = new QuestionOrder(questions, config.seed)
    .next(Math.min(config.questionsPerStep, questions.length))
    .map(({ text }) =>
      encodePrompt(tokenizer, text, {
        chat,
        ...(prompt !== undefined && { template: prompt }),
        ...(date !== undefined && { date: new Date(date) }),
        ...(chatVariables && { chatVariables }),
      }),
    );
  const [firstPrompt] = prompts;
  if (!firstPrompt) throw new Error("internal: a step without questions");
  const { maxTurns, maxTurnTokens, maxTotalTokens, maxObservationTokens } = config.limits;
  const written = Math.min(maxTotalTokens, (maxTurns + 1) * maxTurnTokens);
  const longestPrompt = Math.max(...prompts.map(({ tokens }) => tokens.length));
  const longest = longestPrompt + written + maxTurns * maxObservationTokens;
  const parameters = parameterCountOf(decoder);
  const weightBytes = BYTES[config.model.dtype ?? "float32"];
  const masterBytes = weightBytes === BYTES.float32 ? 0 : BYTES.float32;
  const optimizer = parameters * (MOMENT_BYTES + masterBytes);
  const rollouts = config.questionsPerStep * config.groupSize;
  return {
    config,
    questions: questions.length,
    skippedRows: skipped.length,
    epochs: (config.steps * config.questionsPerStep) / questions.length,
    rolloutsPerStep: rollouts,
    parameters,
    longestRollout: Math.min(longest, decoder.maxPositions),
    firstPrompt,
    memory: {
      weights: parameters * weightBytes,
      optimizer,
      reference: algorithm.kl.coefficient > 0 ? parameters * weightBytes : 0,
      critic: algorithm.hasCritic ? parameters * weightBytes + optimizer : 0,
      gradients: parameters * BYTES.float32,
      cache: Math.min(config.model.maxCacheTokens, rollouts * longest) * cacheBytesPerToken(decoder, weightBytes),
    },
  };
}

function parameterCountOf(config: DecoderConfig): number {
  const sizes = [...parameterShapes(config).values()].map((shape) =>
    shape.reduce((product, size) => product * size, 1),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Keys and values of every layer. */
function cacheBytesPerToken({ layerCount, keyValueHeadCount, headSize }: DecoderConfig, bytes: number): number {
  return 2 * layerCount * keyValueHeadCount * headSize * bytes;
}
