/** What rollouts are made with. Everything but the question and its key is the same for all rollouts of a step. */
import type { SamplingOptions, Tokenizer } from "@zerosearch/lm";
import { ConfigError } from "../core/errors.ts";
import type { Question } from "../core/question.ts";
import type { EncodedPrompt } from "../data/encode-prompt.ts";
import type { FormatOptions } from "../search/format-documents.ts";
import type { SearchEngine } from "../search/search-engine.ts";
import { ANSWER_NOW } from "./observation.ts";
import type { Policy } from "./policy.ts";
import type { Segment } from "./trajectory.ts";

/** Bounds of one rollout. Tokens are the policy's own unless said otherwise. */
export interface RolloutLimits {
  /** Turns in which it may search; one closing round without search follows. 0: it answers at once. */
  readonly maxTurns: number;
  /** Of one turn. A turn that is cut here is an invalid action, as in the reference, unless it was the closing one. */
  readonly maxTurnTokens: number;
  /** Of all turns together. */
  readonly maxTotalTokens: number;
  /** Invalid actions: so many end the rollout. Infinity never does, as in the reference. */
  readonly maxInvalid: number;
  /** Documents to ask for. */
  readonly topK: number;
  /** Of one observation, its tags included. Documents that exceed it are left out whole, the last first. */
  readonly maxObservationTokens: number;
  /** What observations leave free in the model's context, so that an answer still fits. */
  readonly answerReserve: number;
  /** How long to wait for one search, its retries included, when the engine neither answers nor fails. */
  readonly searchTimeoutMs: number;
}

/** The reference's (§3.1: 5 turns, 500 and 2,048 tokens, 5 documents), and bounds that it lacks. */
export const DEFAULT_ROLLOUT_LIMITS: RolloutLimits = {
  maxTurns: 5,
  maxTurnTokens: 500,
  maxTotalTokens: 3000, // never binding: (5 + 1) turns × 500
  maxInvalid: Number.POSITIVE_INFINITY,
  topK: 5,
  maxObservationTokens: 2048,
  answerReserve: 64,
  searchTimeoutMs: 300_000,
};

/** What the rollouts of a step share. */
export interface RolloutSettings {
  readonly policy: Policy;
  readonly search: SearchEngine;
  /** The policy's. Observations are encoded with its control tokens off, actions decoded to be parsed. */
  readonly tokenizer: Pick<Tokenizer, "encode" | "decode">;
  /** The question as the policy reads it, never cut: see data/encode-prompt.ts. */
  readonly encodePrompt: (question: Question) => EncodedPrompt;
  readonly seed: number;
  readonly step: number;
  /** The curriculum's probability, in [0, 1], that a result is noisy. */
  readonly noise: number;
  /** How actions are drawn. Every call says it anew: nothing falls back to another's setting (D10). */
  readonly sampling: Omit<SamplingOptions, "seed">;
  /** Tokens that end a turn, such as end-of-text. They stay in the trajectory and are learned (D6). */
  readonly stopIds: readonly number[];
  readonly limits: RolloutLimits;
  /**
   * What the closing round begins with. Default {@link ANSWER_NOW}; null says nothing, as the reference does. The text
   * is an observation: read, never learned.
   */
  readonly answerNow?: string | null;
  readonly layout?: FormatOptions["layout"];
  readonly signal?: AbortSignal;
}

/** The settings, and which of the group's rollouts this is. */
export interface RolloutContext extends RolloutSettings {
  readonly sample: number;
  /** Told of searches as they begin and end. */
  readonly onSearch?: (event: "begun" | "ended") => void;
  /** Told what the policy writes while it writes, where the policy streams. The whole stands in the turn's segment. */
  readonly onText?: (piece: string) => void;
  /** Told of every segment as soon as it is complete. */
  readonly onSegment?: (segment: Segment) => void;
}

/** The closing text asked for. */
export function answerNowText({ answerNow }: RolloutSettings): string | null {
  return answerNow === undefined ? ANSWER_NOW : answerNow;
}

/** @throws {ConfigError} a bound is out of range */
export function checkLimits(limits: RolloutLimits): void {
  for (const [name, value] of Object.entries(limits)) {
    const isUnlimited = name === "maxInvalid" && value === Number.POSITIVE_INFINITY;
    const least = name === "answerReserve" || name === "maxTurns" ? 0 : 1;
    if (isUnlimited || (Number.isSafeInteger(value) && value >= least)) continue;
    throw new ConfigError(`rollout.${name} must be a whole number of at least ${least}, got ${value}`);
  }
}
