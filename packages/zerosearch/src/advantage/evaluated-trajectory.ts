/**
 * A scored trajectory with what the models say of its tokens. Every array holds the policy's own tokens only, in order,
 * actions end to end: observation tokens have no place here, so they can't enter a baseline, a recursion, a whitening, a
 * loss or a mean.
 */
import type { ScoredTrajectory } from "../reward/reward.ts";

export interface EvaluatedTrajectory extends ScoredTrajectory {
  /** log-probabilities before the update; ratios are taken against them. Length: policy tokens. */
  readonly oldLogProbs: Float64Array;
  /** Of the frozen reference, where KL has a weight. */
  readonly referenceLogProbs?: Float64Array;
  /** Of the critic, where there is one: the value of the state in which each token was chosen. */
  readonly values?: Float64Array;
}

/** What is to be learned from one trajectory. */
export interface Advantages {
  /** Of every policy token. */
  readonly advantages: Float64Array;
  /** What the critic should have said, where there is one. */
  readonly returns?: Float64Array;
}
