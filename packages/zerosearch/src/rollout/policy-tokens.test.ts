import { expect, test } from "vitest";
import type { Action } from "./action.ts";
import {
  policyFullLogProbs,
  policyLogProbs,
  policyTokenCount,
  searchesOf,
  tokenSequence,
  turnCount,
} from "./policy-tokens.ts";
import { rolloutStatistics } from "./rollout-statistics.ts";
import type { StopReason } from "./stop-reason.ts";
import { questionOf } from "./testing/rollout-scene.ts";
import type { ActionSegment, ObservationSegment, Segment, Trajectory } from "./trajectory.ts";

const result = { documents: [{ text: "d" }], source: "test", latencyMs: 1 };
const search: Action = { kind: "search", query: "q" };
const answer: Action = { kind: "answer", answer: "a" };
const invalid: Action = { kind: "invalid" };

function said(action: Action, tokens: readonly number[]): ActionSegment {
  const logProbs = tokens.map((id) => -id / 100);
  const fullLogProbs = tokens.map((id) => -id / 50);
  return { kind: "action", tokens, logProbs, fullLogProbs, text: "", action, generationMs: 1 };
}

function read(cause: ObservationSegment["cause"], tokens: readonly number[]): ObservationSegment {
  return { kind: "observation", cause, tokens, text: "", ...(cause === "search" && { result, shownDocuments: 1 }) };
}

function trajectory(stopReason: StopReason, ...rest: readonly Segment[]): Trajectory {
  const last = rest.at(-1);
  return {
    key: { seed: 0, step: 0, questionId: "q1", sample: 0 },
    question: questionOf(1),
    segments: [{ kind: "prompt", tokens: [1, 2, 3, 4, 5], text: "" }, ...rest],
    stopReason,
    answer: last?.kind === "action" && last.action.kind === "answer" ? last.action.answer : null,
    policyVersion: 0,
    lastPolicyVersion: 0,
    totalMs: 1,
    searchMs: 0,
  };
}

// The three turns of tinker-cookbook's multi-turn weight assignment test.
const threeTurns = trajectory(
  "answered",
  said(search, [10, 11, 12]),
  read("search", [20, 21]),
  said(search, [30, 31]),
  read("search", [40]),
  said(answer, [50, 51, 52]),
);

test("of three turns, exactly the sampled tokens are the policy's", () => {
  const { tokens, isPolicyToken } = tokenSequence(threeTurns);
  expect(tokens).toEqual([1, 2, 3, 4, 5, 10, 11, 12, 20, 21, 30, 31, 40, 50, 51, 52]);
  expect(isPolicyToken.map(Number)).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1]);
  expect(policyTokenCount(threeTurns)).toBe(8);
  expect(turnCount(threeTurns)).toBe(3);
});

test("log-probabilities are those of the policy's tokens, actions end to end", () => {
  const ids = [10, 11, 12, 30, 31, 50, 51, 52];
  expect([...policyLogProbs(threeTurns)]).toEqual(ids.map((id) => -id / 100));
  expect([...policyFullLogProbs(threeTurns)]).toEqual(ids.map((id) => -id / 50));
});

test("an end-of-text token that was sampled counts, one that was read does not: ids decide nothing (D16)", () => {
  const eos = 0;
  const sequence = tokenSequence(
    trajectory("turn-limit", said(invalid, [9, eos]), read("invalid-action", [eos, eos]), said(invalid, [eos])),
  );
  expect(sequence.isPolicyToken.map(Number)).toEqual([0, 0, 0, 0, 0, 1, 1, 0, 0, 1]);
});

test("searches are those that were made, with their queries", () => {
  expect(searchesOf(threeTurns)).toEqual([1, 2].map(() => ({ query: "q", result })));
  const late = trajectory(
    "turn-limit",
    said(search, [1]),
    read("search", [2]),
    read("answer-now", [3]),
    said(search, [4]),
  );
  expect(searchesOf(late)).toHaveLength(1);
});

test("statistics: every number by hand, over rollouts that did not fail", () => {
  const statistics = rolloutStatistics([
    threeTurns, // 3 turns, 3 valid, 2 searches, 8 tokens, 3 observed
    trajectory("answered", said(answer, [7, 8])), // 1, 1, 0, 2, 0
    trajectory(
      "turn-limit",
      said(invalid, [1]),
      read("invalid-action", [2, 2]),
      said(search, [3, 3, 3]),
      read("search", [4]),
      read("answer-now", [5]),
      said(search, [6, 6]),
    ), // 3, 2, 1, 6, 4
    trajectory("context-overflow"), // 0, 0, 0, 0, 0
    trajectory("search-failed", said(search, [9, 9, 9, 9, 9])),
    trajectory("aborted"),
  ]);
  expect(statistics).toEqual({
    "env/stop/answered": 2,
    "env/stop/turn-limit": 1,
    "env/stop/token-budget": 0,
    "env/stop/context-overflow": 1,
    "env/stop/too-often-invalid": 0,
    "env/stop/search-failed": 1,
    "env/stop/generation-failed": 0,
    "env/stop/aborted": 1,
    "env/number_of_actions/mean": 7 / 4,
    "env/number_of_actions/max": 3,
    "env/number_of_actions/min": 0,
    "env/finish_ratio": 2 / 4,
    "env/number_of_valid_action": 6 / 4,
    "env/ratio_of_valid_action": (1 + 1 + 2 / 3) / 3,
    "env/number_of_valid_search": 3 / 4,
    "response_length/mean": 16 / 4,
    "response_length/max": 8,
    "response_length/min": 0,
    "observation_length/mean": 7 / 4,
  });
});

test("where all failed there are counts and no means", () => {
  const statistics = rolloutStatistics([trajectory("search-failed"), trajectory("generation-failed")]);
  expect(Object.keys(statistics)).toHaveLength(8);
  expect(Object.keys(statistics).every((name) => name.startsWith("env/stop/"))).toBe(true);
});
