/** A policy ready to answer questions: weights, tokenizer and engine of one model folder. */
import { type Decoder, Engine, loadDecoder, loadTokenizer, readGenerationConfig, type Tokenizer } from "@zerosearch/lm";
import type { Question } from "../core/question.ts";
import { type EncodedPrompt, type EncodePromptOptions, encodePrompt } from "../data/encode-prompt.ts";
import type { AgentConfig } from "./agent-config.ts";
import { type EnginePolicy, enginePolicy } from "./engine-policy.ts";
import { readPrompt } from "./saved-prompt.ts";

/** Owns the decoder and the engine. All but prompt and decoder are what {@link rolloutGroups} asks of a policy. */
export interface Agent extends Disposable {
  readonly policy: EnginePolicy;
  readonly tokenizer: Tokenizer;
  /** What it reads before a question; the paper's where this is undefined. */
  readonly prompt: string | undefined;
  /** With the configuration's prompt unless another one is given. */
  readonly encodePrompt: (question: Question, prompt?: string) => EncodedPrompt;
  /** Tokens that end a turn. */
  readonly stopIds: readonly number[];
  readonly decoder: Decoder;
}

/**
 * Loads the model of a configuration.
 *
 * @throws {ModelFileError} the folder is no model that can be loaded
 * @throws {RangeError} exact numerics are asked for and this library has none
 */
export function loadAgent(config: AgentConfig): Agent {
  const { path, dtype, device, numerics, maxSequences, maxCacheTokens, packWeights } = config;
  const tokenizer = loadTokenizer(path);
  const { eosIds } = readGenerationConfig(path);
  const decoder = loadDecoder(path, { device, ...(dtype && { dtype }) });
  try {
    const engine = new Engine(decoder, { tokenizer, numerics, maxSequences, maxCacheTokens, packWeights });
    const options = promptOptionsOf(config, readPrompt(path));
    const dispose = (): void => {
      engine.dispose();
      decoder.dispose();
    };
    return {
      policy: enginePolicy(engine),
      tokenizer,
      prompt: options.template,
      encodePrompt: ({ text }, template = options.template) =>
        encodePrompt(tokenizer, text, { ...options, ...(template !== undefined && { template }) }),
      stopIds: eosIds.length === 0 && tokenizer.eosId !== undefined ? [tokenizer.eosId] : eosIds,
      decoder,
      [Symbol.dispose]: dispose,
    };
  } catch (error) {
    decoder.dispose();
    throw error;
  }
}

/** How questions are asked: as a configuration says it, or else with the prompt saved beside the model. */
export function promptOptionsOf(
  { chat, prompt, date, chatVariables }: AgentConfig,
  savedPrompt: string | undefined,
): EncodePromptOptions {
  const template = prompt ?? savedPrompt;
  return {
    chat,
    ...(template !== undefined && { template }),
    ...(date !== undefined && { date: new Date(date) }),
    ...(chatVariables && { chatVariables }),
  };
}
