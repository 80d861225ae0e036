/** One text in the engine: its tokens, how many of them the cache holds, and the generation under way, if any. */
import { RequestError } from "../errors.ts";
import type { StreamingDecoder } from "../tokenizer/streaming-decoder.ts";
import type { ParkedCache } from "./parked-cache.ts";
import {
  type FinishReason,
  type GenerationResult,
  type ResolvedSampling,
  resolveSampling,
  type SampledToken,
  type SamplingOptions,
  type StopOptions,
} from "./request.ts";
import type { SamplingRow } from "./sampler.ts";
import { StopStringMatcher } from "./stop-strings.ts";
import { uniform } from "./uniform.ts";

/** What a generation tells whoever waits for it. */
export interface GenerationEvents {
  /** @param isLast  the run ends with it, so its text is complete */
  onToken(token: SampledToken, isLast: boolean): void;
  onEnd(result: GenerationResult): void;
  onError(error: unknown): void;
}

/** One run from a prompt, or from new tokens, to a finish reason. */
export class Run {
  readonly sampling: ResolvedSampling;
  readonly maxTokens: number;
  readonly #stopIds: ReadonlySet<number>;
  readonly #stopStrings: StopStringMatcher;
  readonly #decoder: StreamingDecoder | undefined;
  readonly #events: GenerationEvents;
  readonly #tokens: SampledToken[] = [];
  /** How many tokens came before this run's prompt: what its first draw is numbered by. */
  readonly #firstPlace: number;

  constructor(
    options: SamplingOptions & StopOptions,
    events: GenerationEvents,
    { decoder, firstPlace }: { readonly decoder: StreamingDecoder | undefined; readonly firstPlace: number },
  ) {
    this.sampling = resolveSampling(options);
    this.maxTokens = options.maxTokens;
    this.#stopIds = new Set(options.stopIds);
    const strings = options.stopStrings ?? [];
    if (strings.length > 0 && !decoder) throw new RequestError("stopStrings need an engine with a tokenizer");
    this.#stopStrings = new StopStringMatcher(strings);
    this.#decoder = decoder;
    this.#events = events;
    this.#firstPlace = firstPlace;
  }

  get remaining(): number {
    return this.maxTokens - this.#tokens.length;
  }

  /** What the sampler needs for the next token. */
  samplingRow(seen: readonly number[]): SamplingRow {
    return {
      sampling: this.sampling,
      uniform: uniform(this.sampling.seed, this.#firstPlace + this.#tokens.length),
      seen,
    };
  }

  /** Takes a sampled token; returns why generation ends with it, if it does. */
  accept(token: SampledToken): FinishReason | undefined {
    this.#tokens.push(token);
    const reason = this.#reasonToEndWith(token);
    this.#events.onToken(token, reason !== undefined);
    return reason;
  }

  #reasonToEndWith({ id }: SampledToken): FinishReason | undefined {
    if (this.#stopIds.has(id)) return { kind: "stop-id", id };
    const isLast = this.remaining === 0;
    // With the last token, text that a later one could have changed is certain.
    const piece = this.#decoder ? this.#decoder.push(id) + (isLast ? this.#decoder.flush() : "") : "";
    const text = this.#stopStrings.push(piece);
    if (text !== undefined) return { kind: "stop-string", text };
    return isLast ? { kind: "max-tokens" } : undefined;
  }

  end(finishReason: FinishReason): void {
    this.#events.onEnd({ tokens: this.#tokens, finishReason });
  }

  fail(error: unknown): void {
    this.#events.onError(error);
  }
}

/** A text and its cache. */
export class Sequence {
  readonly tokens: number[] = [];
  /** The first so many tokens have keys and values, in a slot or parked. */
  cachedLength = 0;
  parked: ParkedCache | undefined;
  run: Run | undefined;
  /** Kept after the run for more tokens to come. */
  isOpen = true;
  isAborted = false;

  /** Tokens that the next passes have to see. */
  get pending(): number {
    return this.tokens.length - this.cachedLength;
  }

  /** How long it can become in the run under way. */
  get reservedLength(): number {
    return this.tokens.length + (this.run?.remaining ?? 0);
  }

  samplingRow(): SamplingRow {
    if (!this.run) throw new RangeError("internal: a sequence without a run can't be sampled for");
    return this.run.samplingRow(this.tokens);
  }

  /** The run under way, for whoever ends it; from then on the text may be continued. */
  takeRun(): Run | undefined {
    const { run } = this;
    this.run = undefined;
    return run;
  }

  forgetCache(): void {
    this.parked?.dispose();
    this.parked = undefined;
    this.cachedLength = 0;
  }
}

/** How many tokens two texts share at their beginning. */
export function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length);
  for (let i = 0; i < most; i++) if (a[i] !== b[i]) return i;
  return most;
}
