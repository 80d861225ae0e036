/** What is asked of the engine, and what it answers. */
import { RequestError } from "../errors.ts";

/** How tokens are drawn. Every field has a default; `{}` samples from the model's own distribution. */
export interface SamplingOptions {
  /** What logits are divided by, at least {@link LOWEST_TEMPERATURE}; 0 takes the likeliest token. Default 1. */
  readonly temperature?: number;
  /** Only the likeliest tokens whose probabilities add up to this. Default 1: all. */
  readonly topP?: number;
  /** Only so many of the likeliest tokens. Default 0: all. */
  readonly topK?: number;
  /** Only tokens at least this likely compared with the likeliest. Default 0: all. */
  readonly minP?: number;
  /**
   * Logits of tokens that occurred are divided (if positive) or multiplied by this (Keskar et al. 2019), from 1e-3 to 1e3.
   * Default 1.
   */
  readonly repetitionPenalty?: number;
  /** A safe integer ≥ 0; the same request with the same seed gives the same tokens. Default 0. */
  readonly seed?: number;
}

/** When generation ends. */
export interface StopOptions {
  /** Most tokens to generate. */
  readonly maxTokens: number;
  /** Ends with the token that completes one of these in the decoded text; it stays. Needs a tokenizer. */
  readonly stopStrings?: readonly string[];
  /** Ends with one of these tokens; it stays. */
  readonly stopIds?: readonly number[];
}

/** One text to continue. */
export interface GenerationRequest extends SamplingOptions, StopOptions {
  /** Token ids, at least one. */
  readonly prompt: readonly number[];
}

/** Sampling options with every default filled in. */
export type ResolvedSampling = Required<SamplingOptions>;

/** Why generation ended. */
export type FinishReason =
  | { readonly kind: "stop-string"; readonly text: string }
  | { readonly kind: "stop-id"; readonly id: number }
  | { readonly kind: "max-tokens" }
  | { readonly kind: "aborted" };

/** A sampled token and how likely it was. */
export interface SampledToken {
  readonly id: number;
  /** Under the distribution it was drawn from: temperature, penalty and truncation applied. 0 for the likeliest token at temperature 0. */
  readonly logProb: number;
  /** Under the model's distribution at the request's temperature (1 where that is 0), nothing truncated or penalised. */
  readonly fullLogProb: number;
}

/** What came of a request. */
export interface GenerationResult {
  readonly tokens: readonly SampledToken[];
  readonly finishReason: FinishReason;
}

/** Divided by less, logits of ordinary size come near the end of float32, where 1e-46 is 0. */
export const LOWEST_TEMPERATURE = 1e-6;
const [LOWEST_PENALTY, HIGHEST_PENALTY] = [1e-3, 1e3];

/** Fills in the defaults. @throws {RequestError} an option is out of range */
export function resolveSampling(options: SamplingOptions): ResolvedSampling {
  const resolved = {
    temperature: options.temperature ?? 1,
    topP: options.topP ?? 1,
    topK: options.topK ?? 0,
    minP: options.minP ?? 0,
    repetitionPenalty: options.repetitionPenalty ?? 1,
    seed: options.seed ?? 0,
  };
  const demand = (name: keyof ResolvedSampling, isRight: boolean, expected: string): void => {
    if (!isRight) throw new RequestError(`${name} must be ${expected}, got ${String(resolved[name])}`);
  };
  const { temperature, repetitionPenalty } = resolved;
  const isTemperature = temperature === 0 || (temperature >= LOWEST_TEMPERATURE && Number.isFinite(temperature));
  demand("temperature", isTemperature, `0 or a finite number ≥ ${LOWEST_TEMPERATURE}`);
  demand("topP", resolved.topP > 0 && resolved.topP <= 1, "in (0, 1]");
  demand("topK", Number.isSafeInteger(resolved.topK) && resolved.topK >= 0, "an integer ≥ 0");
  demand("minP", resolved.minP >= 0 && resolved.minP <= 1, "in [0, 1]");
  const isPenalty = repetitionPenalty >= LOWEST_PENALTY && repetitionPenalty <= HIGHEST_PENALTY;
  demand("repetitionPenalty", isPenalty, `in [${LOWEST_PENALTY}, ${HIGHEST_PENALTY}]`);
  demand("seed", Number.isSafeInteger(resolved.seed) && resolved.seed >= 0, "a safe integer ≥ 0");
  return resolved;
}

/** @throws {RequestError} the prompt or the limits can't be served by a model of this vocabulary */
export function validateRequest(request: GenerationRequest, vocabularySize: number): void {
  const { prompt, maxTokens, stopStrings = [], stopIds = [] } = request;
  if (prompt.length === 0) throw new RequestError("prompt must hold at least one token, got none");
  for (const [name, ids] of Object.entries({ "prompt tokens": prompt, stopIds })) {
    const stranger = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= vocabularySize);
    if (stranger === undefined) continue;
    throw new RequestError(`${name} must be integers in [0, ${vocabularySize}), got ${String(stranger)}`);
  }
  if (!Number.isSafeInteger(maxTokens) || maxTokens < 1) {
    throw new RequestError(`maxTokens must be an integer ≥ 1, got ${String(maxTokens)}`);
  }
  if (stopStrings.includes("")) throw new RequestError("stopStrings must not hold an empty string");
}
