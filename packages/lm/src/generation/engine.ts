/**
 * The generation engine: any number of texts continued at once, batched step by step as they come and go.
 *
 *   const engine = new Engine(decoder, { tokenizer });
 *   const { tokens, finishReason } = await engine.add({ prompt, maxTokens: 64 }).result;
 *
 * A step computes one chunk of prompts and one token of every running text. Between steps the event loop turns.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Tensor, tidy } from "@zerosearch/torch";
import { RequestError, SamplingError } from "../errors.ts";
import type { Decoder } from "../models/decoder.ts";
import type { Numerics } from "../nn/numerics.ts";
import type { StreamingDecoder } from "../tokenizer/streaming-decoder.ts";
import type { NewTokens, PassContext } from "./cached-pass.ts";
import { Generation } from "./generation.ts";
import { KvCache } from "./kv-cache.ts";
import { NextLogits } from "./next-logits.ts";
import { PackedWeights } from "./packed-weights.ts";
import {
  type FinishReason,
  type GenerationRequest,
  type SamplingOptions,
  type StopOptions,
  validateRequest,
} from "./request.ts";
import { sampleTokens } from "./sampler.ts";
import { type EngineLimits, Scheduler } from "./scheduler.ts";
import { Run, Sequence } from "./sequence.ts";

/** How an engine works. */
export interface EngineOptions extends Partial<EngineLimits> {
  /** Default "exact": log-probabilities equal the trainer's to the bit. See nn/numerics.ts. */
  readonly numerics?: Numerics["mode"];
  /**
   * Keep a second copy of float32 weights on the CPU, laid out for decoding: several times as fast where few texts run.
   * Default true.
   */
  readonly packWeights?: boolean;
  /** Needed for stop strings and streamed text. */
  readonly tokenizer?: { streamingDecoder(): StreamingDecoder };
}

/** A text that stays in the engine, to be continued with new tokens at the price of those tokens alone. */
export interface Conversation extends Disposable {
  /** Everything so far: prompts, generated tokens, added tokens. */
  readonly tokens: readonly number[];
  /** Adds tokens, then generates. One generation at a time. */
  continue(tokens: readonly number[], options: SamplingOptions & StopOptions): Generation;
  /** Frees what the engine holds of it. */
  dispose(): void;
}

export class Engine implements Disposable {
  readonly decoder: Decoder;
  readonly numerics: Numerics;
  readonly #tokenizer: EngineOptions["tokenizer"];
  readonly #limits: EngineLimits;
  readonly #cache: KvCache;
  readonly #context: PassContext;
  readonly #nextLogits: NextLogits;
  readonly #scheduler: Scheduler;
  #isLooping = false;
  #isDisposed = false;

  /**
   * The engine borrows the decoder: it does not free it, and sees its weights change. Exact numerics are sought here, for the
   * threads there are now: that takes a fraction of a second, more for large models.
   */
  constructor(decoder: Decoder, options: EngineOptions = {}) {
    this.decoder = decoder;
    this.numerics = decoder.numerics(options.numerics ?? "exact");
    this.#tokenizer = options.tokenizer;
    this.#limits = {
      maxSequences: options.maxSequences ?? 256,
      maxCacheTokens: options.maxCacheTokens ?? 2 ** 18,
      maxPrefillTokens: options.maxPrefillTokens ?? 2048,
    };
    for (const [name, value] of Object.entries(this.#limits)) {
      if (!Number.isSafeInteger(value) || value < 1)
        throw new RequestError(`${name} must be an integer ≥ 1, got ${value}`);
    }
    this.#cache = new KvCache(decoder, this.numerics, () => this.#nextLogits.dispose());
    const weights = options.packWeights === false ? undefined : PackedWeights.of(decoder);
    this.#context = { decoder, cache: this.#cache, numerics: this.numerics, weights };
    this.#nextLogits = new NextLogits(this.#context);
    this.#scheduler = new Scheduler(this.#limits, this.#cache);
  }

  /** Texts running and waiting. */
  get load(): { running: number; waiting: number } {
    return { running: this.#scheduler.running.length, waiting: this.#scheduler.waitingCount };
  }

  /**
   * Continues one text.
   *
   * @throws {RequestError} the request is malformed, or longer than the model or the cache can ever hold
   */
  add(request: GenerationRequest): Generation {
    validateRequest(request, this.decoder.config.vocabularySize);
    const sequence = new Sequence();
    sequence.isOpen = false;
    return this.#begin(sequence, request.prompt, request);
  }

  /** Opens a text that will be continued several times. */
  open(): Conversation {
    const sequence = new Sequence();
    return {
      tokens: sequence.tokens,
      continue: (tokens, options) => {
        if (!sequence.isOpen) throw new RequestError("this conversation is closed");
        if (sequence.run) throw new RequestError("this conversation is being continued already: wait for its end");
        validateRequest(
          { ...options, prompt: [...sequence.tokens.slice(-1), ...tokens] },
          this.decoder.config.vocabularySize,
        );
        return this.#begin(sequence, tokens, options);
      },
      dispose: () => this.#close(sequence),
      [Symbol.dispose]: () => this.#close(sequence),
    };
  }

  /**
   * Does one step of work; `add` arranges for steps by itself, this is for those who count them. What goes wrong fails the
   * texts concerned.
   *
   * @returns whether there is more to do
   */
  step(): boolean {
    try {
      for (const sequence of this.#scheduler.aborted()) {
        sequence.takeRun()?.end({ kind: "aborted" });
        this.#scheduler.leave(sequence);
      }
      this.#scheduler.admit();
      const prefill = this.#scheduler.prefillBatch();
      if (prefill.length > 0) this.#compute(prefill);
      const decode = this.#scheduler.decodeBatch();
      if (decode.length > 0) this.#compute(decode);
    } catch (error) {
      this.#failRunning(error);
    }
    return !this.#scheduler.isIdle;
  }

  /** Ends everything that runs or waits, as aborted, and frees the cache. */
  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    for (const sequence of [...this.#scheduler.drain("running"), ...this.#scheduler.drain("waiting")]) {
      sequence.forgetCache();
      sequence.takeRun()?.end({ kind: "aborted" });
    }
    this.#scheduler.closeParked();
    this.#cache.clear();
    this.#context.weights?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #begin(sequence: Sequence, tokens: readonly number[], options: SamplingOptions & StopOptions): Generation {
    if (this.#isDisposed) throw new RequestError("this engine has been disposed of");
    const length = sequence.tokens.length + tokens.length + options.maxTokens;
    const { maxPositions } = this.decoder.config;
    if (length > maxPositions) {
      throw new RequestError(
        `${length} tokens, prompt and maxTokens together, exceed the model's ${maxPositions} positions`,
      );
    }
    if (!this.#scheduler.couldRun(length)) {
      throw new RequestError(
        `${length} tokens exceed the cache's ${this.#limits.maxCacheTokens}: raise maxCacheTokens`,
      );
    }
    const generation = new Generation(this.#tokenizer?.streamingDecoder(), () => {
      sequence.isAborted = true;
    });
    const run = new Run(options, generation, {
      decoder: this.#tokenizer?.streamingDecoder(),
      firstPlace: sequence.tokens.length,
    });
    for (const token of tokens) sequence.tokens.push(token); // too many for arguments of one call
    sequence.run = run;
    sequence.isAborted = false;
    this.#scheduler.enqueue(sequence);
    void this.#loop();
    return generation;
  }

  async #loop(): Promise<void> {
    if (this.#isLooping) return;
    this.#isLooping = true;
    try {
      do await nextTurn();
      while (!this.#isDisposed && this.step());
    } finally {
      this.#isLooping = false;
    }
  }

  #compute(batch: readonly NewTokens[]): void {
    const members = batch.map(({ slot }) => this.#scheduler.running[slot]).filter((sequence) => sequence !== undefined);
    try {
      this.#context.weights?.refresh();
      tidy(() => {
        const rows = [...batch.keys()].filter((row) => members[row]?.pending === batch[row]?.tokens.length);
        const logits = this.#nextLogits.compute(batch, rows);
        for (const [row, sequence] of members.entries()) sequence.cachedLength += batch[row]?.tokens.length ?? 0;
        const due = rows.flatMap((row) => members[row] ?? []);
        if (logits) this.#sample(logits, due);
      });
    } catch (error) {
      for (const sequence of members) this.#fail(sequence, error);
    }
  }

  #sample(logits: Tensor, due: readonly Sequence[]): void {
    const sampled = sampleTokens(
      logits,
      due.map((sequence) => sequence.samplingRow()),
    );
    const finished: { readonly sequence: Sequence; readonly reason: FinishReason }[] = [];
    const failed: { readonly sequence: Sequence; readonly error: SamplingError }[] = [];
    for (const [i, sequence] of due.entries()) {
      const token = sampled[i];
      if (!token || !sequence.run) continue;
      if (token instanceof SamplingError) {
        failed.push({ sequence, error: token });
        continue;
      }
      sequence.tokens.push(token.id);
      const reason = sequence.run.accept(token);
      if (reason) finished.push({ sequence, reason });
    }
    for (const { sequence, error } of failed) this.#fail(sequence, error);
    // Last slots first: what leaves is not moved into the place of what has left.
    for (const { sequence } of finished.toReversed()) this.#scheduler.leave(sequence);
    for (const { sequence, reason } of finished) sequence.takeRun()?.end(reason);
  }

  #fail(sequence: Sequence, error: unknown): void {
    sequence.takeRun()?.fail(error);
    this.#scheduler.leave(sequence, false);
    sequence.forgetCache();
  }

  /** What runs can't go on without its cache, which may be half there. What waits can. */
  #failRunning(error: unknown): void {
    for (const sequence of this.#scheduler.drain("running")) {
      sequence.forgetCache();
      sequence.takeRun()?.fail(error);
    }
    this.#cache.clear();
  }

  #close(sequence: Sequence): void {
    sequence.isOpen = false;
    sequence.isAborted = sequence.run !== undefined;
    if (!sequence.run) this.#scheduler.close(sequence);
  }
}
