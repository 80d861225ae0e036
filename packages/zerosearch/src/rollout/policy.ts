/** What a rollout needs of a language model. Implemented by `enginePolicy` over lm's engine, and by scripts in tests. */
import type { GenerationResult, SamplingOptions, StopOptions } from "@zerosearch/lm";

/** Something that continues texts. */
export interface Policy {
  /** Raised by every update of the weights. */
  readonly version: number;
  /** Most tokens of one text. */
  readonly contextLength: number;
  /** Opens a text to be continued turn by turn, each at the price of its new tokens. */
  open(): PolicyText;
}

export interface PolicyText {
  /** Adds tokens, then generates. One continuation at a time. */
  continue(tokens: readonly number[], options: SamplingOptions & StopOptions): PolicyGeneration;
  dispose(): void;
}

export interface PolicyGeneration {
  readonly result: Promise<GenerationResult>;
  abort(): void;
}

/** A generation that can be read while it is written: tokens with the text that they complete. */
export interface PolicyStream extends PolicyGeneration, AsyncIterable<{ readonly text: string }> {}

export function isStream(generation: PolicyGeneration): generation is PolicyStream {
  return Symbol.asyncIterator in generation;
}
