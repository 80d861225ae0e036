/**
 * The answer of a trajectory: what its last turn put between answer tags, as the rollout parsed it from the policy's own
 * tokens. The reference searched the whole text, prompt, documents and corrections included, and so scored a trajectory
 * without an answer as if it had said "Beijing", the prompt's example (defect D2).
 */
import type { Trajectory } from "../rollout/trajectory.ts";

/** Null if the last thing that happened was no answer of the policy's. */
export function extractAnswer({ segments }: Pick<Trajectory, "segments">): string | null {
  const last = segments.at(-1);
  return last?.kind === "action" && last.action.kind === "answer" ? last.action.answer : null;
}
