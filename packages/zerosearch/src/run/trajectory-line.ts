/**
 * A rollout as one line of JSON, with all that training used of it, and back. The loss mask is not written apart: the
 * tokens of `action` segments are those that were learned, and none are where `advantages` is null.
 */
import type { Advantages } from "../advantage/evaluated-trajectory.ts";
import type { ScoredTrajectory } from "../reward/reward.ts";
import { readExactJson, writeExactJson } from "./exact-json.ts";
import type { TrajectoryLine } from "./run-files.ts";

/** What is kept of a rollout. Arrays hold one number per policy token, actions end to end. */
export interface TrajectoryRecord extends ScoredTrajectory {
  /** Null for rollouts that were left out of the update, such as failed ones. */
  readonly advantages: Advantages | null;
  readonly oldLogProbs?: Float64Array;
  readonly referenceLogProbs?: Float64Array;
  readonly values?: Float64Array;
}

/** One line, without its newline. */
export function writeTrajectoryLine({ step, record }: TrajectoryLine): string {
  return writeExactJson({ step, record });
}

/**
 * The opposite of {@link writeTrajectoryLine}: every number is the same to the bit.
 *
 * @throws {SyntaxError} the text is no JSON
 */
export function readTrajectoryLine(text: string): TrajectoryLine {
  const { step, record } = readExactJson(text) as TrajectoryLine;
  return { step, record: parseTrajectoryRecord(record) };
}

/** @param written  a record as JSON gives it back: with plain arrays */
export function parseTrajectoryRecord(written: object): TrajectoryRecord {
  const { advantages, oldLogProbs, referenceLogProbs, values, ...scored } = written as Written;
  return {
    ...scored,
    advantages: advantages && {
      advantages: Float64Array.from(advantages.advantages),
      ...(advantages.returns && { returns: Float64Array.from(advantages.returns) }),
    },
    ...(oldLogProbs && { oldLogProbs: Float64Array.from(oldLogProbs) }),
    ...(referenceLogProbs && { referenceLogProbs: Float64Array.from(referenceLogProbs) }),
    ...(values && { values: Float64Array.from(values) }),
  };
}

/** A {@link TrajectoryRecord} with plain arrays. */
interface Written extends ScoredTrajectory {
  readonly advantages: { readonly advantages: number[]; readonly returns?: number[] } | null;
  readonly oldLogProbs?: number[];
  readonly referenceLogProbs?: number[];
  readonly values?: number[];
}
