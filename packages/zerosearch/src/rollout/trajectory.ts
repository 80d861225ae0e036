/**
 * What happened to one question: segments of tokens, in order. Tokens are the truth: the ids that were sampled, with
 * the log-probabilities recorded while sampling, are the ids that are trained on; texts are views of them.
 */
import type { Question } from "../core/question.ts";
import type { RolloutKey, SearchResult } from "../search/search-engine.ts";
import type { Action } from "./action.ts";
import type { StopReason } from "./stop-reason.ts";

/** Question and instructions, as the policy reads them. */
export interface PromptSegment {
  readonly kind: "prompt";
  readonly tokens: readonly number[];
  readonly text: string;
}

/** What the policy wrote in one turn. The only tokens that are learned, scored or counted. */
export interface ActionSegment {
  readonly kind: "action";
  readonly tokens: readonly number[];
  /** Of every token, under the distribution it was drawn from. */
  readonly logProbs: readonly number[];
  /** Of every token, under the model at the sampling temperature, nothing truncated. */
  readonly fullLogProbs: readonly number[];
  readonly text: string;
  readonly action: Action;
  readonly generationMs: number;
}

/** What the world answered: documents, or a correction. Never learned. */
export interface ObservationSegment {
  readonly kind: "observation";
  readonly cause: "search" | "invalid-action" | "answer-now";
  readonly tokens: readonly number[];
  readonly text: string;
  /** For `search`: what the engine returned, before formatting. */
  readonly result?: SearchResult;
  /** For `search`: how many of the documents stand in the text. Fewer than were found where the rest had no room. */
  readonly shownDocuments?: number;
}

export type Segment = PromptSegment | ActionSegment | ObservationSegment;

export interface Trajectory {
  readonly key: RolloutKey;
  readonly question: Question;
  /**
   * One prompt, then actions, each followed by what was observed. `answer-now` may follow another observation. It ends
   * with an action unless something ended it before one.
   */
  readonly segments: readonly Segment[];
  readonly stopReason: StopReason;
  /** What the last action put between answer tags; null if it ended otherwise. */
  readonly answer: string | null;
  /** The policy's version when the rollout began; `lastPolicyVersion` when it ended. */
  readonly policyVersion: number;
  readonly lastPolicyVersion: number;
  readonly totalMs: number;
  /** Waiting for documents. */
  readonly searchMs: number;
  /** The error's message, where the stop reason is a failure. */
  readonly failure?: string;
}
