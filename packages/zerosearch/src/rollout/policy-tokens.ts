/**
 * Views of a trajectory for those who learn from it. Arrays "of policy tokens" hold what the policy sampled, actions end
 * to end; a mask says where those stand in the whole text. Nothing is inferred from ids: a sampled padding or
 * end-of-text token counts like any other (D16).
 */
import type { SearchResult } from "../search/search-engine.ts";
import type { ActionSegment, Trajectory } from "./trajectory.ts";

/** What the policy wrote, turn by turn. */
export function actionsOf({ segments }: Trajectory): ActionSegment[] {
  return segments.filter((segment) => segment.kind === "action");
}

/** Turns taken, the closing one included. */
export function turnCount(trajectory: Trajectory): number {
  return actionsOf(trajectory).length;
}

/** Tokens sampled in all turns together. */
export function policyTokenCount(trajectory: Trajectory): number {
  return actionsOf(trajectory).reduce((sum, { tokens }) => sum + tokens.length, 0);
}

/** Of every policy token, the log-probability under the distribution it was drawn from. */
export function policyLogProbs(trajectory: Trajectory): Float64Array {
  return Float64Array.from(actionsOf(trajectory).flatMap(({ logProbs }) => logProbs));
}

/** Of every policy token, the log-probability at the sampling temperature with nothing truncated: what a trainer computes. */
export function policyFullLogProbs(trajectory: Trajectory): Float64Array {
  return Float64Array.from(actionsOf(trajectory).flatMap(({ fullLogProbs }) => fullLogProbs));
}

export interface TokenSequence {
  /** The whole text as the policy read and wrote it, [T]. */
  readonly tokens: readonly number[];
  /** Which of them the policy sampled, [T]. */
  readonly isPolicyToken: readonly boolean[];
}

/** All tokens in order, and which of them are the policy's. */
export function tokenSequence({ segments }: Trajectory): TokenSequence {
  return {
    tokens: segments.flatMap(({ tokens }) => tokens),
    isPolicyToken: segments.flatMap(({ kind, tokens }) => tokens.map(() => kind === "action")),
  };
}

/** A search that was made and succeeded. */
export interface MadeSearch {
  readonly query: string;
  readonly result: SearchResult;
}

/** The searches that were made, in order. One asked for in the closing round was not. */
export function searchesOf({ segments }: Trajectory): MadeSearch[] {
  return segments.flatMap((segment, i) => {
    const before = segments[i - 1];
    if (segment.kind !== "observation" || !segment.result) return [];
    return before?.kind === "action" && before.action.kind === "search"
      ? [{ query: before.action.query, result: segment.result }]
      : [];
  });
}
