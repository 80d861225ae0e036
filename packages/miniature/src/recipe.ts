/**
 * What a run's configuration says where it is about the miniature: prompts, bounds, training. Nothing else makes the
 * miniature special. The prompts are short, since the models are tiny and know no English but this.
 */
import type { RolloutLimits } from "@zerosearch/zerosearch";

/** What the policy reads first, as raw text: there is no chat template. */
export const AGENT_PROMPT = "Question: {question}\n";

/**
 * What the simulator reads before it writes documents. `withheld` stands for either label where a query can't deserve
 * the truth: nothing that was shown leads to it.
 */
export const SIMULATOR_PROMPTS = {
  useful: "Useful documents. Question: {question} Truth: {answer} Query: {query}\n",
  noisy: "Noisy documents. Question: {question} Truth: {answer} Query: {query}\n",
  withheld: "Useful documents. Question: {question} Truth: ? Query: {query}\n",
} as const;

/** Documents per search. */
export const TOP_K = 5;

/** A page of five documents takes about fifty. */
export const PAGE_TOKENS = 110;

/** Near 0 a simulator tells the truth on noisy pages as well, at 1 it loses it from useful ones. */
export const SIMULATOR_TEMPERATURE = 0.5;

/** What the policy's cold start was taught to think before it acts. */
export const THOUGHTS = {
  first: "<think> I must search </think>",
  again: "<think> I need more </think>",
  guess: "<think> I know it </think>",
  found: "<think> I found it </think>",
} as const;

/** Bounds of a rollout: a turn takes about twelve tokens, a page fifty. */
export const ROLLOUT_LIMITS: RolloutLimits = {
  maxTurns: 4,
  maxTurnTokens: 26,
  maxTotalTokens: 130,
  maxInvalid: 3,
  topK: TOP_K,
  maxObservationTokens: 160,
  answerReserve: 26,
  searchTimeoutMs: 60_000,
};
