/** The texts of one request in the engine, from admission to the last token, whoever ends them. */
import { createHash, randomInt } from "node:crypto";
import type { FinishReason, Generation } from "@zerosearch/lm";
import { type ChoicePiece, readChoice } from "./choice.ts";
import { ApiError, invalid } from "./openai-errors.ts";
import type { Wishes } from "./request-schema.ts";
import type { Service } from "./service.ts";

/** OpenAI's account of tokens. */
interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** How a text ended, in the fields of OpenAI and, for `matched_stop`, of SGLang. */
export interface Ending {
  readonly finish_reason: "stop" | "length";
  /** The stop string, or the id of the end token; null if there was just no room for more. */
  readonly matched_stop: string | number | null;
}

/** A request under way. */
export interface Answer {
  /** Texts, n of each prompt after another. */
  readonly count: number;
  /** One text as it grows. @throws {ApiError} it was given up: time ran out, the server closes, the client left */
  read(index: number): AsyncGenerator<ChoicePiece, Ending>;
  /** Tokens so far. A prompt counts once, however many texts continue it. */
  usage(): Promise<Usage>;
  /** Gives everything up; the engine's slots are free after its next step. */
  abort(reason: ApiError): void;
}

/**
 * Starts n texts for each prompt.
 *
 * @param prompts  token ids
 * @param client   aborted when the client leaves
 * @throws {ApiError} it does not fit: into the model, or into what the server takes on
 */
export function startAnswer(
  service: Service,
  prompts: readonly (readonly number[])[],
  wishes: Wishes,
  client: AbortSignal,
): Answer {
  const { engine, tokenizer } = service.model;
  const endIds = new Set([...service.endIds, ...wishes.stopIds]);
  const tasks = prompts.flatMap((prompt) =>
    Array.from({ length: wishes.n }, (_, i) => ({
      ...samplingOf(wishes),
      prompt,
      maxTokens: roomFor(service, prompt, wishes),
      seed: seedOf(wishes.seed, i),
      stopStrings: wishes.stops,
      stopIds: [...endIds],
    })),
  );
  const ticket = service.admission.admit(tasks.length);
  const generations: Generation[] = [];
  try {
    for (const task of tasks) generations.push(engine.add(task));
  } catch (error) {
    for (const generation of generations) generation.abort();
    ticket.release();
    throw error;
  }
  const failure = watch(service, generations, client);
  for (const prompt of prompts) service.metrics.countPrompt(prompt.length);
  void settle(service, generations).then(() => {
    failure.stop();
    ticket.release();
  });
  return {
    count: generations.length,
    read: async function* (index) {
      const generation = generations[index];
      if (!generation) throw new RangeError(`internal: text ${index} of ${generations.length}`);
      const reason = yield* readChoice(generation, { tokenizer, stops: wishes.stops, endIds });
      return ending(reason, failure.reason());
    },
    usage: async () => {
      const results = await Promise.all(generations.map(({ result }) => result));
      const promptTokens = prompts.reduce((sum, { length }) => sum + length, 0);
      const completionTokens = results.reduce((sum, { tokens }) => sum + tokens.length, 0);
      return {
        prompt_tokens: promptTokens,
        completion_tokens: completionTokens,
        total_tokens: promptTokens + completionTokens,
      };
    },
    abort: failure.abort,
  };
}

function samplingOf({ temperature, topP, topK, minP, repetitionPenalty }: Wishes) {
  return { temperature, topP, topK, minP, repetitionPenalty };
}

/** How many tokens may follow a prompt. @throws {ApiError} the model has no room for them */
function roomFor(service: Service, prompt: readonly number[], { maxTokens }: Wishes): number {
  const { maxPositions } = service.model.engine.decoder.config;
  if (prompt.length === 0) throw invalid(undefined, "the prompt has no tokens: give some text to continue");
  const wanted = maxTokens ?? Math.min(service.limits.defaultMaxTokens, Math.max(1, maxPositions - prompt.length));
  if (prompt.length + wanted <= maxPositions) return wanted;
  throw new ApiError(
    `this model has ${maxPositions} positions, but the prompt has ${prompt.length} tokens and ${wanted} more were asked for: shorten the prompt or lower max_tokens`,
    { status: 400, param: "max_tokens", code: "context_length_exceeded" },
  );
}

/** The first text gets the client's seed as it is, the others seeds derived from it; without one all are random. */
function seedOf(seed: number | undefined, index: number): number {
  if (seed === undefined) return randomInt(2 ** 48 - 1);
  if (index === 0 && seed >= 0) return seed;
  return createHash("sha256").update(`${seed} ${index}`).digest().readUIntBE(0, 6);
}

/** Gives everything up for the first of several reasons, and remembers which. */
function watch(service: Service, generations: readonly Generation[], client: AbortSignal) {
  let reason: ApiError | undefined;
  const abort = (why: ApiError): void => {
    reason ??= why;
    for (const generation of generations) generation.abort();
  };
  const { requestTimeoutMs } = service.limits;
  const onLeave = (): void => abort(new ApiError("the client went away", { status: 499 }));
  const onClose = (): void =>
    abort(new ApiError("the server is shutting down", { status: 503, code: "shutting_down", retryAfterSeconds: 5 }));
  const timer = setTimeout(() => {
    const message = `the answer took longer than ${requestTimeoutMs} ms: ask for fewer tokens`;
    abort(new ApiError(message, { status: 504, type: "timeout", code: "timeout" }));
  }, requestTimeoutMs);
  client.addEventListener("abort", onLeave, { once: true });
  service.closing.signal.addEventListener("abort", onClose, { once: true });
  if (client.aborted) onLeave();
  if (service.closing.signal.aborted) onClose();
  const stop = (): void => {
    clearTimeout(timer);
    client.removeEventListener("abort", onLeave);
    service.closing.signal.removeEventListener("abort", onClose);
  };
  return { abort, stop, reason: () => reason };
}

async function settle({ metrics }: Service, generations: readonly Generation[]): Promise<void> {
  for (const settled of await Promise.allSettled(generations.map(({ result }) => result))) {
    if (settled.status === "rejected") metrics.countCompletion(0, true);
    else metrics.countCompletion(settled.value.tokens.length, settled.value.finishReason.kind === "aborted");
  }
}

function ending(reason: FinishReason, failure: ApiError | undefined): Ending {
  switch (reason.kind) {
    case "stop-string":
      return { finish_reason: "stop", matched_stop: reason.text };
    case "stop-id":
      return { finish_reason: "stop", matched_stop: reason.id };
    case "max-tokens":
      return { finish_reason: "length", matched_stop: null };
    case "aborted":
      throw failure ?? new ApiError("the engine has been closed", { status: 503, code: "shutting_down" });
  }
}
