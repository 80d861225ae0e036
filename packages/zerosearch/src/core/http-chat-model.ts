/**
 * A chat model behind one or several OpenAI-compatible servers, such as SGLang, vLLM, llama-server or OpenAI itself.
 *
 * Differs from the reference (defect D20), which asked again without end, pause, timeout or word, also where asking
 * again can't help: here retries are bounded and slow down, `Retry-After` is honoured, every attempt has its time, a
 * dead server rests, and what fails is a typed error and a number in the counters.
 */
import OpenAI from "openai";
import pLimit from "p-limit";
import { Agent, fetch as undiciFetch } from "undici";
import { withBoundedRetry } from "./bounded-retry.ts";
import type { ChatCompletion, ChatModel, ChatRequest } from "./chat-model.ts";
import { type ChatModelCounters, CountedCalls } from "./chat-model-counters.ts";
import { chatModelFailure } from "./chat-model-failure.ts";
import { startDeadline } from "./deadline.ts";
import { EndpointRotation } from "./endpoint-rotation.ts";
import { ChatModelError } from "./errors.ts";
import {
  type HttpChatModelOptions,
  LONGEST_TIMEOUT_MS,
  resolveHttpChatModelOptions,
} from "./http-chat-model-options.ts";
import { orAborted } from "./or-aborted.ts";
import { readCompletion } from "./read-completion.ts";

/** Also the bound on memory when a server sends rubbish without end. */
const MAX_RESPONSE_BYTES = 8 * 2 ** 20;

export class HttpChatModel implements ChatModel {
  readonly name: string;
  readonly #options: Required<HttpChatModelOptions>;
  readonly #rotation: EndpointRotation;
  readonly #agent: Agent;
  readonly #clients: ReadonlyMap<string, OpenAI>;
  readonly #limit: ReturnType<typeof pLimit>;
  readonly #calls = new CountedCalls();

  /** @throws {ConfigError} an address, the key or a number can't be used */
  constructor(options: HttpChatModelOptions) {
    this.#options = resolveHttpChatModelOptions(options);
    const { baseUrls, model, apiKey, concurrency, failuresBeforeRest, restMs, clock } = this.#options;
    this.name = `${model === "" ? "(its only model)" : model} at ${baseUrls.join(", ")}`;
    this.#rotation = new EndpointRotation(baseUrls, { failuresBeforeRest, restMs, clock });
    // Built-in fetch gives up on servers that need more than five minutes to answer, whatever the timeout says.
    this.#agent = new Agent({
      headersTimeout: 0,
      bodyTimeout: 0,
      connections: concurrency,
      maxResponseSize: MAX_RESPONSE_BYTES,
    });
    this.#clients = new Map(baseUrls.map((url) => [url, makeClient(url, apiKey, this.#agent)]));
    this.#limit = pLimit(concurrency);
  }

  /** What has happened so far. */
  get counters(): ChatModelCounters {
    return this.#calls.counters;
  }

  async complete(request: ChatRequest): Promise<ChatCompletion> {
    const number = this.#calls.begin();
    try {
      const completion = await orAborted(request.signal, () =>
        this.#limit(() => this.#completeWithRetries(request, number)),
      );
      this.#calls.completed(completion);
      return completion;
    } catch (error) {
      this.#calls.failed();
      throw request.signal?.aborted ? new ChatModelError(`${this.name}: aborted`, { kind: "aborted" }) : error;
    }
  }

  /** Breaks what is under way. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  #completeWithRetries(request: ChatRequest, number: number): Promise<ChatCompletion> {
    const { maxRetryAfterMs, jitter, clock } = this.#options;
    return withBoundedRetry(
      (attempt) => {
        if (attempt > 1) this.#calls.retried();
        return this.#attempt(request);
      },
      {
        ...this.#options,
        isTransient: (error) => error instanceof ChatModelError && error.isTransient,
        // With a second server in health nobody has to wait for the first.
        demandedDelayMs: () => this.#rotation.waitMs,
        maxDemandedDelayMs: Math.max(maxRetryAfterMs, this.#options.restMs),
        jitter: (retry) => jitter(number, retry),
        clock,
        ...(request.signal ? { signal: request.signal } : {}),
      },
    );
  }

  async #attempt(request: ChatRequest): Promise<ChatCompletion> {
    const { apiKey, timeoutMs, clock } = this.#options;
    const url = this.#rotation.take();
    const client = url === undefined ? undefined : this.#clients.get(url);
    if (url === undefined || client === undefined) throw this.#countFailure(this.#allRest());
    using deadline = startDeadline(timeoutMs, request.signal);
    try {
      const body: unknown = await client.post("/chat/completions", {
        body: this.#bodyOf(request),
        signal: deadline.signal,
      });
      const completion = readCompletion(body, url);
      this.#rotation.succeeded(url);
      return completion;
    } catch (error) {
      if (request.signal?.aborted) throw this.#countFailure(new ChatModelError("aborted", { kind: "aborted" }));
      const failure = deadline.isExceeded
        ? new ChatModelError(`chat model at ${url}: no complete answer within ${timeoutMs} ms (timeoutMs)`, {
            kind: "timeout",
          })
        : chatModelFailure(error, { url, apiKey, nowMs: clock.now() });
      if (failure.isTransient) this.#rotation.failed(url, failure.kind, failure.retryAfterMs);
      throw this.#countFailure(failure);
    }
  }

  #bodyOf({ messages, temperature, maxTokens, seed, stop }: ChatRequest): Record<string, unknown> {
    const { model, extraBody } = this.#options;
    return {
      ...extraBody,
      model,
      messages,
      temperature,
      max_tokens: maxTokens,
      ...(seed === undefined ? {} : { seed }),
      ...(stop && stop.length > 0 ? { stop } : {}),
    };
  }

  #allRest(): ChatModelError {
    const waitMs = this.#rotation.waitMs;
    const message = `all chat model servers rest after failures: ${this.#rotation.describe()}; the next is tried in ${waitMs} ms`;
    return new ChatModelError(message, { kind: "unreachable", retryAfterMs: waitMs });
  }

  #countFailure(failure: ChatModelError): ChatModelError {
    this.#calls.attemptFailed(failure.kind);
    return failure;
  }
}

/** Everything that the client would otherwise take from the environment is said here. */
function makeClient(baseURL: string, apiKey: string, dispatcher: Agent): OpenAI {
  return new OpenAI({
    baseURL,
    apiKey,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    logLevel: "off",
    // Time is kept by startDeadline, which also covers the body.
    timeout: LONGEST_TIMEOUT_MS,
    maxRetries: 0,
    // undici's types and those that @types/node took from an older undici describe the same objects, but not to the
    // compiler: `dispatcher` and `Response` differ in optional fields.
    fetch: undiciFetch as unknown as typeof globalThis.fetch,
    fetchOptions: { dispatcher } as unknown as NonNullable<ConstructorParameters<typeof OpenAI>[0]>["fetchOptions"],
  });
}
