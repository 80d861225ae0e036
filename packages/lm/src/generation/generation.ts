/** One generation, as its asker holds it: a result to wait for, tokens to watch, a way to stop it. */

import type { StreamingDecoder } from "../tokenizer/streaming-decoder.ts";
import type { GenerationResult, SampledToken } from "./request.ts";
import type { GenerationEvents } from "./sequence.ts";

/**
 * A token as it is sampled, and the text it completes; no text without a tokenizer. The last one's holds whatever was left,
 * so that all of them give what the tokenizer's `decode` makes of all tokens. An aborted text may lack its last character.
 */
export interface StreamedToken extends SampledToken {
  readonly text: string;
}

export class Generation implements GenerationEvents, AsyncIterable<StreamedToken> {
  /** Resolves at the end, whatever the reason; rejects if the computation itself failed. */
  readonly result: Promise<GenerationResult>;
  readonly #decoder: StreamingDecoder | undefined;
  readonly #abort: () => void;
  readonly #tokens: StreamedToken[] = [];
  #resolve: (result: GenerationResult) => void = () => {};
  #reject: (error: unknown) => void = () => {};
  #isOver = false;
  #wake: () => void = () => {};

  constructor(decoder: StreamingDecoder | undefined, abort: () => void) {
    this.#decoder = decoder;
    this.#abort = abort;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.result.catch(() => {}); // whoever only streams hears of a failure from the stream
  }

  /** Ends it with what it has; `result` resolves with the reason "aborted". */
  abort(): void {
    if (!this.#isOver) this.#abort();
  }

  onToken(token: SampledToken, isLast: boolean): void {
    const text = this.#decoder ? this.#decoder.push(token.id) + (isLast ? this.#decoder.flush() : "") : "";
    this.#tokens.push({ ...token, text });
    this.#wake();
  }

  onEnd(result: GenerationResult): void {
    this.#isOver = true;
    this.#resolve(result);
    this.#wake();
  }

  onError(error: unknown): void {
    this.#isOver = true;
    this.#reject(error);
    this.#wake();
  }

  /** The tokens from the first on, each as soon as it is sampled. */
  async *[Symbol.asyncIterator](): AsyncGenerator<StreamedToken> {
    for (let next = 0; ; next++) {
      while (next >= this.#tokens.length && !this.#isOver) {
        await new Promise<void>((resolve) => {
          const others = this.#wake;
          this.#wake = () => {
            others();
            resolve();
          };
        });
        this.#wake = () => {};
      }
      const token = this.#tokens[next];
      if (!token) break;
      yield token;
    }
    await this.result;
  }
}
