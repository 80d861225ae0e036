/** Trajectories as a rollout would leave them, told by what the policy wrote and what it read. */
import type { Action } from "../../rollout/action.ts";
import type { StopReason } from "../../rollout/stop-reason.ts";
import type { ObservationSegment, Segment, Trajectory } from "../../rollout/trajectory.ts";

/** A turn of the policy, with what it was parsed as; or what it read. */
export type Told = readonly [text: string, action: Action] | readonly [ObservationSegment["cause"], text: string];

export const search = (text: string): Told => [text, { kind: "search", query: "q" }];
export const invalid = (text: string): Told => [text, { kind: "invalid" }];
export const answer = (text: string, given: string): Told => [text, { kind: "answer", answer: given }];

export function madeTrajectory(
  answers: readonly string[],
  told: readonly Told[],
  stopReason: StopReason = "answered",
): Trajectory {
  const prompt: Segment = { kind: "prompt", tokens: [1], text: "For example, <answer> Beijing </answer>." };
  return {
    key: { seed: 0, step: 0, questionId: "q", sample: 0 },
    question: { id: "q", text: "?", answers, source: "test" },
    segments: [prompt, ...told.map(segmentOf)],
    stopReason,
    answer: null,
    policyVersion: 0,
    lastPolicyVersion: 0,
    totalMs: 0,
    searchMs: 0,
  };
}

function segmentOf([first, second]: Told): Segment {
  if (typeof second === "string") {
    return { kind: "observation", cause: first as ObservationSegment["cause"], tokens: [2], text: second };
  }
  return {
    kind: "action",
    tokens: [3],
    logProbs: [-1],
    fullLogProbs: [-1],
    text: first,
    action: second,
    generationMs: 0,
  };
}
