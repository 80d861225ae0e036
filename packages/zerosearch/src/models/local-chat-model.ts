/** A chat model in this process: an engine of lm and its tokenizer, such as a simulator beside the policy it serves. */
import { basename, resolve } from "node:path";
import {
  Engine,
  type EngineOptions,
  type Generation,
  type GenerationResult,
  loadDecoder,
  loadTokenizer,
  RequestError,
  readGenerationConfig,
  type Tokenizer,
} from "@zerosearch/lm";
import type { Dtype } from "@zerosearch/torch";
import type { ChatCompletion, ChatModel, ChatRequest } from "../core/chat-model.ts";
import { ChatModelError } from "../core/errors.ts";
import { type EncodeChatOptions, encodeChat } from "./encode-chat.ts";

/** What a chat model is made of. */
export interface ChatModelParts {
  readonly name: string;
  /** Made with the tokenizer, which finds stop strings. */
  readonly engine: Engine;
  readonly tokenizer: Tokenizer;
  /** Tokens that end a text and are no part of it. */
  readonly eosIds: readonly number[];
}

/** How a model folder is loaded. Plain data, but for the date: it can be sent to a worker. */
export interface LoadChatModelOptions extends EncodeChatOptions, Pick<EngineOptions, "numerics" | "packWeights"> {
  /** The files' own by default. */
  readonly dtype?: Dtype;
  /** Texts in one batch. Default 256. */
  readonly maxSequences?: number;
}

/**
 * Answers one request as the model alone determines it: with the engine's exact numerics, the default, neither the other
 * requests nor their order change a text. A request without a seed has the seed 0.
 */
export class LocalChatModel implements ChatModel {
  readonly name: string;
  readonly #parts: ChatModelParts;
  readonly #options: EncodeChatOptions;
  readonly #onClose: () => void;

  /** @param onClose  frees what this model is to own; nothing, where engine and decoder are only lent */
  constructor(parts: ChatModelParts, options: EncodeChatOptions = {}, onClose: () => void = () => {}) {
    this.name = parts.name;
    this.#parts = parts;
    this.#options = options;
    this.#onClose = onClose;
  }

  /**
   * @throws {ChatModelError} `rejected`: prompt and maxTokens don't fit the model, or an option is out of range;
   *   `aborted`; `unreachable`: it has been closed; `server`: the computation failed
   */
  async complete(request: ChatRequest): Promise<ChatCompletion> {
    const { signal, stop = [] } = request;
    if (signal?.aborted) throw this.#aborted(signal);
    const { prompt, generation } = this.#begin(request);
    const abort = (): void => generation.abort();
    signal?.addEventListener("abort", abort, { once: true });
    let result: GenerationResult;
    try {
      result = await generation.result;
    } catch (cause) {
      throw this.#failure("server", "failed to compute", cause);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
    const { tokens, finishReason } = result;
    if (finishReason.kind === "aborted") {
      throw signal?.aborted ? this.#aborted(signal) : this.#failure("unreachable", "was closed before it had answered");
    }
    const ids = tokens.map(({ id }) => id);
    const spoken = finishReason.kind === "stop-id" ? ids.slice(0, -1) : ids;
    return {
      text: cutAt(this.#parts.tokenizer.decode(spoken, { skipSpecial: true }), stop),
      finishReason: finishReason.kind === "max-tokens" ? "length" : "stop",
      promptTokens: prompt.length,
      completionTokens: ids.length,
    };
  }

  async close(): Promise<void> {
    this.#onClose();
  }

  #begin({ messages, temperature, maxTokens, seed, stop = [] }: ChatRequest): {
    readonly prompt: readonly number[];
    readonly generation: Generation;
  } {
    const { engine, tokenizer, eosIds } = this.#parts;
    try {
      const prompt = encodeChat(tokenizer, messages, this.#options);
      const ends = { stopStrings: stop, stopIds: eosIds };
      const generation = engine.add({ prompt, maxTokens, temperature, ...(seed !== undefined && { seed }), ...ends });
      return { prompt, generation };
    } catch (cause) {
      if (cause instanceof RequestError)
        throw this.#failure("rejected", `refuses the request: ${cause.message}`, cause);
      throw cause;
    }
  }

  #aborted(signal: AbortSignal): ChatModelError {
    return this.#failure("aborted", "was told to stop", signal.reason);
  }

  #failure(kind: ChatModelError["kind"], what: string, cause?: unknown): ChatModelError {
    const reason = kind === "server" && cause instanceof Error ? `: ${cause.message}` : "";
    return new ChatModelError(`chat model ${this.name} ${what}${reason}`, { kind, cause });
  }
}

/**
 * Loads a model folder in Hugging Face's format. Closing the model frees it.
 *
 * @throws {ModelFileError} the folder is no model that can be loaded
 */
export function loadChatModel(folder: string, options: LoadChatModelOptions = {}): LocalChatModel {
  const { dtype, numerics, maxSequences, packWeights, ...chat } = options;
  const tokenizer = loadTokenizer(folder);
  const { eosIds } = readGenerationConfig(folder);
  const ends = eosIds.length === 0 && tokenizer.eosId !== undefined ? [tokenizer.eosId] : eosIds;
  const decoder = loadDecoder(folder, dtype ? { dtype } : {});
  try {
    const engine = new Engine(decoder, {
      tokenizer,
      ...(numerics !== undefined && { numerics }),
      ...(maxSequences !== undefined && { maxSequences }),
      ...(packWeights !== undefined && { packWeights }),
    });
    let isOpen = true;
    const free = (): void => {
      if (isOpen) engine.dispose();
      if (isOpen) decoder.dispose();
      isOpen = false;
    };
    return new LocalChatModel({ name: basename(resolve(folder)), engine, tokenizer, eosIds: ends }, chat, free);
  } catch (error) {
    decoder.dispose();
    throw error;
  }
}

/** What stands before the first stop string, as OpenAI's API has it. */
function cutAt(text: string, stops: readonly string[]): string {
  const places = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return places.length === 0 ? text : text.slice(0, Math.min(...places));
}
