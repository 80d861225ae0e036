/** Which trajectories say something about the policy. The others enter no loss, no baseline and no mean. */
import { policyTokenCount } from "../rollout/policy-tokens.ts";
import { isFailure } from "../rollout/stop-reason.ts";
import type { Trajectory } from "../rollout/trajectory.ts";

/** Whether a trajectory holds a token of the policy's and did not end because the world failed. */
export function isLearnable(trajectory: Trajectory): boolean {
  return !isFailure(trajectory.stopReason) && policyTokenCount(trajectory) > 0;
}
