/** One question, answered the way that an evaluation asks for: by the rollout of training, whatever the baseline. */
import { ConfigError } from "../core/errors.ts";
import type { Question } from "../core/question.ts";
import type { Agent } from "../models/agent.ts";
import { boundedSearch } from "../rollout/bounded-search.ts";
import { observeDocuments } from "../rollout/observation.ts";
import { policyTokenCount, searchesOf, turnCount } from "../rollout/policy-tokens.ts";
import { rollout } from "../rollout/rollout.ts";
import type { RolloutSettings } from "../rollout/rollout-context.ts";
import type { StopReason } from "../rollout/stop-reason.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import type { SearchEngine } from "../search/search-engine.ts";
import { BASELINE_PROMPTS, DOCUMENTS_PLACE } from "./baseline-prompts.ts";
import type { EvaluationConfig } from "./evaluation-config.ts";

/** What became of a question. */
export interface Attempt {
  /** Null if there was none. */
  readonly answer: string | null;
  readonly stopReason: StopReason;
  /** The error's message, where the stop reason is a failure. */
  readonly failure?: string;
  /** Searches made, in order. */
  readonly queries: readonly string[];
  readonly turns: number;
  /** Tokens that the policy wrote. */
  readonly tokens: number;
}

/** Rejects for nothing but what would befall every other question too. */
export type AnswerQuestion = (question: Question, signal: AbortSignal) => Promise<Attempt>;

/** Where nothing is to be searched. */
export const NO_SEARCH: SearchEngine = {
  name: "none",
  identity: {},
  open: () => ({
    search: async () => {
      throw new ConfigError("internal: a baseline without search searched");
    },
  }),
};

/** What an {@link Agent} brings to a rollout. */
export type Answering = Pick<RolloutSettings, "policy" | "tokenizer" | "stopIds"> & Pick<Agent, "encodePrompt">;

/** @param agent  of the configuration's model; borrowed, as is the engine */
export function questionAnswerer(config: EvaluationConfig, agent: Answering, search: SearchEngine): AnswerQuestion {
  const { seed, noise, temperature, limits, baseline } = config;
  const settings: RolloutSettings = {
    ...agent,
    search,
    seed,
    step: 0,
    noise,
    sampling: { temperature },
    limits,
  };
  if (baseline === "search-agent") {
    return async (question, signal) => attemptOf(await rollout(question, { ...settings, signal, sample: 0 }));
  }
  const prompt = config.baselinePrompt ?? BASELINE_PROMPTS[baseline];
  const answerAtOnce = (question: Question, prompt: string, signal: AbortSignal): Promise<Trajectory> =>
    rollout(question, {
      ...settings,
      limits: { ...limits, maxTurns: 0 },
      answerNow: null,
      encodePrompt: () => agent.encodePrompt(question, prompt),
      signal,
      sample: 0,
    });
  if (baseline !== "rag") {
    return async (question, signal) => attemptOf(await answerAtOnce(question, prompt, signal));
  }
  return async (question, signal) => {
    const found = await searchOnce(question, settings, signal);
    if ("stopReason" in found) return found;
    // A document may speak of {question} too.
    const documents = found.documents.replaceAll("{question}", "(question)");
    const trajectory = await answerAtOnce(
      question,
      prompt.replace(DOCUMENTS_PLACE, () => documents),
      signal,
    );
    return { ...attemptOf(trajectory), queries: [found.query] };
  };
}

function attemptOf(trajectory: Trajectory): Attempt {
  const { answer, stopReason, failure } = trajectory;
  return {
    answer,
    stopReason,
    ...(failure !== undefined && { failure }),
    queries: searchesOf(trajectory).map(({ query }) => query),
    turns: turnCount(trajectory),
    tokens: policyTokenCount(trajectory),
  };
}

interface Found {
  readonly query: string;
  /** As a rollout shows them. */
  readonly documents: string;
}

/** Searches for the question itself. What fails in the world is an attempt that failed. */
async function searchOnce(
  question: Question,
  { search, seed, step, noise, limits, tokenizer, layout }: RolloutSettings,
  signal: AbortSignal,
): Promise<Found | Attempt> {
  const nothing = { answer: null, queries: [], turns: 0, tokens: 0 };
  const query = question.text.trim();
  const session = search.open({ question, key: { seed, step, questionId: question.id, sample: 0 }, noise });
  try {
    const result = await boundedSearch(session, query, {
      topK: limits.topK,
      timeoutMs: limits.searchTimeoutMs,
      signal,
    });
    const room = { maxTokens: limits.maxObservationTokens, tokenizer, ...(layout && { layout }) };
    const documents = observeDocuments(result, room);
    return documents ? { query, documents: documents.text } : { ...nothing, stopReason: "context-overflow" };
  } catch (error) {
    if (signal.aborted) return { ...nothing, stopReason: "aborted" };
    if (error instanceof ConfigError) throw error;
    return { ...nothing, stopReason: "search-failed", failure: error instanceof Error ? error.message : String(error) };
  }
}
