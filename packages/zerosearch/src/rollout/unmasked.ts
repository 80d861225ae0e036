/**
 * A trajectory as if the policy had written what it only read: for the paper's ablation of the loss mask (§ 10.3 of the
 * method; arXiv 2505.04588, table 6), in which documents are learned as well. Worse, and never the default.
 */
import type { ActionSegment, ObservationSegment, Trajectory } from "./trajectory.ts";

/** Every observation becomes an action. Nobody drew its tokens: its log-probabilities are NaN and must be computed. */
export function unmasked(trajectory: Trajectory): Trajectory {
  return {
    ...trajectory,
    segments: trajectory.segments.map((segment) => (segment.kind === "observation" ? asAction(segment) : segment)),
  };
}

function asAction({ tokens, text }: ObservationSegment): ActionSegment {
  const unknown = tokens.map(() => Number.NaN);
  return {
    kind: "action",
    tokens,
    logProbs: unknown,
    fullLogProbs: unknown,
    text,
    action: { kind: "invalid" },
    generationMs: 0,
  };
}
