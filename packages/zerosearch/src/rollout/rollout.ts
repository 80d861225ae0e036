/**
 * One question, answered by a policy that may search (§3): generate, act, observe, until it answers or something ends it.
 * It differs from the reference in what the defects of §13 ask for. The tokens that were sampled are kept and nothing is
 * tokenised again (D6), queries stay with their question (D4), generation stops at the closing tag (D30), the closing
 * round does not search (D9), nothing is cut silently (D17, D18), and a failed search ends the rollout (D21).
 */
import type { GenerationResult, SampledToken } from "@zerosearch/lm";
import { ConfigError } from "../core/errors.ts";
import { keyedSeed } from "../core/keyed-random.ts";
import type { Question } from "../core/question.ts";
import type { EncodedPrompt } from "../data/encode-prompt.ts";
import type { RolloutKey, SearchResult, SearchSession } from "../search/search-engine.ts";
import { ACTION_ENDS, type Action, parseAction } from "./action.ts";
import { boundedSearch } from "./bounded-search.ts";
import { INVALID_ACTION, leastObservationTokens, observeDocuments, observeText } from "./observation.ts";
import { isStream, type PolicyGeneration, type PolicyText } from "./policy.ts";
import { answerNowText, checkLimits, type RolloutContext } from "./rollout-context.ts";
import type { StopReason } from "./stop-reason.ts";
import type { ActionSegment, ObservationSegment, Segment, Trajectory } from "./trajectory.ts";

/**
 * Plays one rollout. What fails in the world ends it and is said in the trajectory; it rejects only for what no other
 * rollout would survive either.
 *
 * @throws {ConfigError} a limit is out of range, or the search engine is misconfigured
 */
export async function rollout(question: Question, context: RolloutContext): Promise<Trajectory> {
  checkLimits(context.limits);
  const { policy, search, noise, seed, step, sample } = context;
  const key: RolloutKey = { seed, step, questionId: question.id, sample };
  const startedAt = performance.now();
  const policyVersion = policy.version;
  const session = search.open({ question, key, noise });
  const text = policy.open();
  const ongoing = new OngoingRollout({ context, key, session, text });
  try {
    const end = await ongoing.play(context.encodePrompt(question));
    return {
      key,
      question,
      segments: ongoing.segments,
      stopReason: end.stopReason,
      answer: end.answer ?? null,
      policyVersion,
      lastPolicyVersion: policy.version,
      totalMs: performance.now() - startedAt,
      searchMs: ongoing.searchMs,
      ...(end.failure !== undefined && { failure: end.failure }),
    };
  } finally {
    text.dispose();
  }
}

interface End {
  readonly stopReason: StopReason;
  readonly answer?: string;
  readonly failure?: string;
}

const OVERFLOW: End = { stopReason: "context-overflow" };

/** Which bound ended a generation before an action was complete. */
type Cut = "turn" | "total" | "context" | undefined;

interface Parts {
  readonly context: RolloutContext;
  readonly key: RolloutKey;
  readonly session: SearchSession;
  readonly text: PolicyText;
}

/** The state of a rollout between its beginning and its end. */
class OngoingRollout {
  readonly segments: Segment[] = [];
  searchMs = 0;
  readonly #parts: Parts;
  readonly #answerNow: string | null;
  /** Tokens of all segments. */
  #length = 0;
  #policyTokens = 0;
  #invalidCount = 0;
  /** Tokens that the policy has yet to read. */
  #unread: number[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#answerNow = answerNowText(parts.context);
  }

  async play(prompt: EncodedPrompt): Promise<End> {
    const { limits } = this.#parts.context;
    this.#add({ kind: "prompt", ...prompt });
    if (this.#room < 0) return OVERFLOW;
    for (let turn = 0; turn < limits.maxTurns; turn++) {
      const end = (await this.#speak(turn)) ?? (await this.#react());
      if (end) return end;
    }
    if (this.#answerNow !== null) {
      const end = this.#observe(observeText("answer-now", this.#answerNow, this.#parts.context.tokenizer));
      if (end) return end;
    }
    return (await this.#speak(limits.maxTurns)) ?? this.#close();
  }

  /** Lets the policy write one turn. Returns an end if it can't, or if its tokens ran out before it had acted. */
  async #speak(turn: number): Promise<End | undefined> {
    const { context, key, text } = this.#parts;
    const { limits, sampling, stopIds, signal, onText } = context;
    if (signal?.aborted) return { stopReason: "aborted" };
    const bounds = {
      turn: limits.maxTurnTokens,
      total: limits.maxTotalTokens - this.#policyTokens,
      context: context.policy.contextLength - this.#length,
    };
    const maxTokens = Math.min(bounds.turn, bounds.total, bounds.context);
    if (maxTokens < 1) return bounds.total < 1 ? { stopReason: "token-budget" } : OVERFLOW;
    const seed = keyedSeed([key.seed, key.step, key.questionId, key.sample, turn, "policy"]);
    const startedAt = performance.now();
    try {
      const options = { ...sampling, seed, maxTokens, stopStrings: ACTION_ENDS, stopIds };
      const generation = text.continue(this.#unread, options);
      const abort = (): void => generation.abort();
      signal?.addEventListener("abort", abort, { once: true });
      const { tokens, finishReason } = await ended(generation, onText).finally(() =>
        signal?.removeEventListener("abort", abort),
      );
      this.#unread = [];
      const action = this.#record(tokens, performance.now() - startedAt);
      if (finishReason.kind === "aborted") return { stopReason: "aborted" };
      const cut = finishReason.kind === "max-tokens" && action?.kind === "invalid" ? tightest(bounds) : undefined;
      return this.#endOfTokens(cut, turn === limits.maxTurns);
    } catch (error) {
      if (signal?.aborted) return { stopReason: "aborted" };
      return { stopReason: "generation-failed", failure: messageOf(error) };
    }
  }

  #record(tokens: readonly SampledToken[], generationMs: number): Action | undefined {
    if (tokens.length === 0) return undefined; // aborted before the first
    const ids = tokens.map(({ id }) => id);
    const text = this.#parts.context.tokenizer.decode(ids);
    const action = parseAction(text);
    this.#policyTokens += ids.length;
    this.#append({
      kind: "action",
      tokens: ids,
      logProbs: tokens.map(({ logProb }) => logProb),
      fullLogProbs: tokens.map(({ fullLogProb }) => fullLogProb),
      text,
      action,
      generationMs,
    });
    return action;
  }

  #endOfTokens(cut: Cut, isClosing: boolean): End | undefined {
    if (cut === "context") return OVERFLOW;
    return cut === "total" || (cut === "turn" && isClosing) ? { stopReason: "token-budget" } : undefined;
  }

  /** The world's answer to the turn just written, or the end that the turn brought. */
  async #react(): Promise<End | undefined> {
    const { limits, tokenizer } = this.#parts.context;
    const { action } = this.#lastAction;
    switch (action.kind) {
      case "answer":
        return { stopReason: "answered", answer: action.answer };
      case "search":
        return await this.#search(action.query);
      case "invalid":
        this.#invalidCount++;
        if (this.#invalidCount >= limits.maxInvalid) return { stopReason: "too-often-invalid" };
        return this.#observe(observeText("invalid-action", INVALID_ACTION, tokenizer));
      default:
        return action satisfies never;
    }
  }

  /** The closing round's turn: an answer counts, a search is not made (D9). */
  #close(): End {
    const { action } = this.#lastAction;
    return action.kind === "answer" ? { stopReason: "answered", answer: action.answer } : { stopReason: "turn-limit" };
  }

  async #search(query: string): Promise<End | undefined> {
    const { session, context } = this.#parts;
    const { limits, tokenizer, layout, signal, onSearch } = context;
    // No search whose result could not be read: it may cost money.
    if (this.#policyTokens >= limits.maxTotalTokens) return { stopReason: "token-budget" };
    if (this.#room <= leastObservationTokens(tokenizer)) return OVERFLOW;
    const startedAt = performance.now();
    onSearch?.("begun");
    let result: SearchResult;
    try {
      result = await boundedSearch(session, query, { topK: limits.topK, timeoutMs: limits.searchTimeoutMs, signal });
    } catch (error) {
      if (signal?.aborted) return { stopReason: "aborted" };
      if (error instanceof ConfigError) throw error;
      return { stopReason: "search-failed", failure: messageOf(error) };
    } finally {
      this.searchMs += performance.now() - startedAt;
      onSearch?.("ended");
    }
    const maxTokens = Math.min(limits.maxObservationTokens, this.#room);
    return this.#observe(observeDocuments(result, { maxTokens, tokenizer, ...(layout && { layout }) }));
  }

  #observe(observation: ObservationSegment | undefined): End | undefined {
    if (!observation) return OVERFLOW;
    if (observation.tokens.length > this.#room) return OVERFLOW;
    this.#add(observation);
    return undefined;
  }

  #add(segment: Exclude<Segment, ActionSegment>): void {
    this.#append(segment);
    this.#unread = [...this.#unread, ...segment.tokens];
  }

  #append(segment: Segment): void {
    this.segments.push(segment);
    this.#length += segment.tokens.length;
    this.#parts.context.onSegment?.(segment);
  }

  /** Tokens that may be observed now, so that an answer still fits. */
  get #room(): number {
    const { policy, limits } = this.#parts.context;
    return policy.contextLength - this.#length - limits.answerReserve;
  }

  get #lastAction(): ActionSegment {
    const last = this.segments.at(-1);
    if (last?.kind !== "action") throw new RangeError("internal: a turn ended without an action");
    return last;
  }
}

/** Waits for a generation's result. Meanwhile whoever listens is told its text. */
async function ended(generation: PolicyGeneration, onText: RolloutContext["onText"]): Promise<GenerationResult> {
  if (onText && isStream(generation)) for await (const { text } of generation) onText(text);
  return await generation.result;
}

/** The bound that was reached first; of equal ones the one that ends most. */
function tightest({ turn, total, context }: { turn: number; total: number; context: number }): Cut {
  if (context <= Math.min(turn, total)) return "context";
  return total <= turn ? "total" : "turn";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
