/** Rewards: one number per trajectory, from the policy's own tokens only. */
import type { Trajectory } from "../rollout/trajectory.ts";

export interface Score {
  /** What is learned from, usually in [0, 1]. */
  readonly reward: number;
  /** Further measures worth a column in the metrics, such as `f1` and `exactMatch`. */
  readonly measures: Readonly<Record<string, number>>;
}

/** Scores one trajectory. Yours may be asynchronous. */
export type Reward = (trajectory: Trajectory) => Score | Promise<Score>;

/** A trajectory and what it earned. */
export interface ScoredTrajectory {
  readonly trajectory: Trajectory;
  readonly score: Score;
}
