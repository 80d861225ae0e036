import { expect, test } from "vitest";
import type { ScoredTrajectory } from "../reward/reward.ts";
import type { StopReason } from "../rollout/stop-reason.ts";
import type { Segment, Trajectory } from "../rollout/trajectory.ts";
import type { SearchResult, SimulationRecord } from "../search/search-engine.ts";
import { lengthMetrics, performanceMetrics, samplerMetrics, scoreMetrics, searchMetrics } from "./step-metrics.ts";

const tokens = (count: number): number[] => new Array<number>(count).fill(9);

function turn(count: number, action: "search" | "answer"): Segment {
  const logProbs = tokens(count);
  const written = action === "search" ? { kind: action, query: "q" } : { kind: action, answer: "a" };
  return {
    kind: "action",
    tokens: tokens(count),
    logProbs,
    fullLogProbs: logProbs,
    text: "",
    action: written,
    generationMs: 0,
  };
}

/** A page of so many documents of four characters. */
function page(documents: number, simulation?: Partial<SimulationRecord>, latencyMs = 0): SearchResult {
  return {
    documents: Array.from({ length: documents }, () => ({ text: "page" })),
    source: "test",
    latencyMs,
    ...(simulation && {
      simulation: {
        intent: "useful",
        isDeserved: true,
        holdsAnswer: false,
        isRepeated: false,
        draws: 1,
        ...simulation,
      },
    }),
  };
}

function trajectory(segments: readonly Segment[], stopReason: StopReason = "answered"): Trajectory {
  return {
    key: { seed: 0, step: 1, questionId: "q", sample: 0 },
    question: { id: "q", text: "?", answers: ["a"], source: "test" },
    segments,
    stopReason,
    answer: "a",
    policyVersion: 0,
    lastPolicyVersion: 0,
    totalMs: 0,
    searchMs: 0,
  };
}

const prompt = (count: number): Segment => ({ kind: "prompt", tokens: tokens(count), text: "" });

function searching(...results: readonly SearchResult[]): Trajectory {
  const turns = results.flatMap((result): Segment[] => [
    turn(3, "search"),
    { kind: "observation", cause: "search", tokens: tokens(4), text: "", result },
  ]);
  return trajectory([prompt(5), ...turns, turn(2, "answer")]);
}

const PRICE = { noise: 0.3, dollarsPer1000Searches: 15 };

test("noise, labels and price of simulated searches, counted by hand", () => {
  const metrics = searchMetrics(
    [
      searching(page(1, { intent: "noisy" }, 10), page(2, { intent: "noisy", holdsAnswer: true }, 20)),
      searching(page(2, { holdsAnswer: true, draws: 3 }), page(2, {})),
      searching(page(2, { isDeserved: false, holdsAnswer: true }), page(9, { isRepeated: true, intent: "noisy" })),
      trajectory([prompt(5), turn(3, "search")], "search-failed"),
    ],
    PRICE,
  );
  expect(metrics).toEqual({
    "search/made": 6,
    "search/failed": 1,
    "search/latency_ms": 5,
    "search/cost_saved_usd": 0.09,
    "noise/scheduled": 0.3,
    // two of the five pages that were written; Wilson's interval is that of published tables
    "noise/realised": 0.4,
    "noise/realised_low": expect.closeTo(0.1176, 4),
    "noise/realised_high": expect.closeTo(0.7693, 4),
    "simulator/results": 6,
    "simulator/repeated": 1,
    "simulator/hit_rate": 0.5,
    "simulator/leak_rate": 0.5,
    "simulator/noisy_deserved": 2,
    "simulator/undeserved": 1,
    "simulator/undeserved_leak_rate": 1,
    "simulator/redraws": 2,
    "simulator/documents_per_page": 1.8,
    "simulator/characters_per_document": 4,
  });
});

test("a real engine has neither noise nor labels, and what it costs is not saved", () => {
  expect(searchMetrics([searching(page(2, undefined, 8))], PRICE)).toEqual({
    "search/made": 1,
    "search/failed": 0,
    "search/latency_ms": 8,
  });
  expect(searchMetrics([trajectory([prompt(1), turn(2, "answer")])], PRICE)).toEqual({
    "search/made": 0,
    "search/failed": 0,
  });
});

/** 5 + 3 + 4 + 2 tokens, and 3 + 2. */
const TWO = [searching(page(1)), trajectory([prompt(3), turn(2, "answer")])];

test("lengths are of whole texts, coverage is the policy's share of what follows the prompts", () => {
  expect(lengthMetrics(TWO)).toEqual({
    "prompt_length/mean": 4,
    "prompt_length/max": 5,
    "prompt_length/min": 3,
    "global_seqlen/mean": 9.5,
    "global_seqlen/max": 14,
    "global_seqlen/min": 5,
    "state_tokens/total": 11,
    "state_tokens/coverage": 7 / 11,
  });
  expect(lengthMetrics([])).toEqual({});
});

test("tokens per second of the step, of its generation and of its update", () => {
  expect(performanceMetrics(TWO, { gen: 500, update_actor: 250 }, 2000)).toEqual({
    "perf/tokens_per_second": 9.5,
    "perf/generated_tokens_per_second": 14,
    "perf/updated_tokens_per_second": 76,
    "perf/resident_bytes": expect.any(Number),
  });
  expect(performanceMetrics(TWO, {}, 0)).toEqual({ "perf/resident_bytes": expect.any(Number) });
});

test("measures of a reward become columns", () => {
  const scored = [0, 1, 0.5].map((reward): ScoredTrajectory => {
    const measures = { coverExactMatch: reward, searches: 2 };
    return { trajectory: trajectory([]), score: { reward, measures } };
  });
  expect(scoreMetrics(scored)).toEqual({ "train/reward": 0.5, "train/cover_exact_match": 0.5, "train/searches": 2 });
  expect(scoreMetrics([])).toEqual({});
});

test("the sampler's difference is told where it was looked at", () => {
  expect(samplerMetrics({ tokens: 7, meanAbsolute: 0.1, largest: 0.4, kl: 0.01 })).toEqual({
    "sampler/logprob_difference_mean": 0.1,
    "sampler/logprob_difference_max": 0.4,
    "sampler/kl": 0.01,
    "sampler/checked_tokens": 7,
  });
  expect(samplerMetrics(undefined)).toEqual({});
});
