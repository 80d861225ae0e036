/**
 * The one interface of everything that can be searched. A rollout opens a session for its question and never says the
 * question again, so that a query can't be paired with another row's question (defect D4 of the reference). Real
 * engines implement the narrower {@link QueryEngine} and are lifted: they never receive question or answers.
 */
import type { Question } from "../core/question.ts";

/** One search result. */
export interface Document {
  readonly text: string;
  readonly title?: string;
  readonly id?: string;
  readonly url?: string;
  readonly score?: number;
}

/** Who searches: the keys of every random draw made for it. */
export interface RolloutKey {
  readonly seed: number;
  readonly step: number;
  readonly questionId: string;
  /** Which of the group's rollouts. */
  readonly sample: number;
}

export interface SearchOptions {
  /** Most documents to return. */
  readonly topK: number;
  readonly signal?: AbortSignal;
}

/** What the simulator meant a result to be. Real engines mean nothing. */
export type Intent = "useful" | "noisy";

/** How a simulated result came about, and whether its label holds. */
export interface SimulationRecord {
  readonly intent: Intent;
  /** False where the gate withheld the truth: the query names nothing it could deserve it by. */
  readonly isDeserved: boolean;
  /** Whether a golden answer stands in the documents. */
  readonly holdsAnswer: boolean;
  /** The page had been made before, for this question and query within this step. */
  readonly isRepeated: boolean;
  /** How often it was drawn until the label held, at least 1. */
  readonly draws: number;
}

export interface SearchResult {
  /** At most topK. Empty if nothing was found, which is no failure. */
  readonly documents: readonly Document[];
  /** The engine's name. */
  readonly source: string;
  readonly latencyMs: number;
  readonly simulation?: SimulationRecord;
}

/** An engine that knows queries only. */
export interface QueryEngine {
  readonly name: string;
  /** What must be equal for results to be comparable: corpus hash, parameters, endpoint without secrets. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** @throws {SearchError} after its own bounded retries, if any */
  search(query: string, options: SearchOptions): Promise<readonly Document[]>;
  close?(): Promise<void>;
}

/** The searches of one rollout, in order. */
export interface SearchSession {
  /** @throws {SearchError} */
  search(query: string, options: SearchOptions): Promise<SearchResult>;
}

/** What a session is opened with. Only simulators look at the question's answers. */
export interface SessionContext {
  readonly question: Question;
  readonly key: RolloutKey;
  /** The curriculum's probability, in [0, 1], that a result is noisy. */
  readonly noise: number;
}

/** Anything that can be searched by rollouts. */
export interface SearchEngine {
  readonly name: string;
  readonly identity: Readonly<Record<string, unknown>>;
  open(context: SessionContext): SearchSession;
  close?(): Promise<void>;
}
