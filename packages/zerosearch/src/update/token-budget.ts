/** How many tokens are computed at once, and what happens when that was too many. */
import { TorchError } from "@zerosearch/torch";
import { RunError } from "../core/errors.ts";
import { microBatches } from "./micro-batches.ts";

/** Whether libtorch ran out of memory, on any device. */
export function isOutOfMemory(error: unknown): boolean {
  return error instanceof TorchError && /out of memory|can't allocate memory|not enough memory/i.test(error.message);
}

/** A budget that halves when memory runs out, and stays so. */
export class TokenBudget {
  #tokens: number;
  #halvings = 0;

  /** @param tokens  most tokens of one micro-batch; Infinity takes everything at once */
  constructor(tokens: number) {
    if (!(tokens >= 1)) throw new RangeError(`a token budget must be at least 1, got ${tokens}`);
    this.#tokens = tokens;
  }

  get tokens(): number {
    return this.#tokens;
  }

  /** How often memory ran out so far. */
  get halvings(): number {
    return this.#halvings;
  }

  /**
   * Runs all sequences in micro-batches. One that runs out of memory is halved and tried again, and so are those that
   * follow: `run` must leave nothing behind when it throws.
   *
   * @param lengths  tokens of each sequence
   * @param run      gets the indices of a micro-batch
   * @returns the number of micro-batches that were run
   * @throws {RunError} a single sequence does not fit the memory
   */
  forEachBatch(lengths: readonly number[], run: (indices: readonly number[]) => void): number {
    const pending = microBatches(lengths, this.#tokens);
    let done = 0;
    for (let batch = pending.shift(); batch; batch = pending.shift()) {
      try {
        run(batch);
        done++;
      } catch (error) {
        if (!isOutOfMemory(error)) throw error;
        const left = [...batch, ...pending.flat()];
        this.#halve(
          batch.map((index) => lengths[index] ?? 0),
          error,
        );
        pending.length = 0;
        const parts = microBatches(
          left.map((index) => lengths[index] ?? 0),
          this.#tokens,
        );
        for (const part of parts) pending.push(part.map((at) => left[at] ?? 0));
      }
    }
    return done;
  }

  #halve(lengths: readonly number[], cause: unknown): void {
    const tokens = lengths.reduce((sum, length) => sum + length, 0);
    if (lengths.length === 1) {
      throw new RunError(
        `memory ran out over a single sequence of ${tokens} tokens, which can't be split. Shorten trajectories, turn on ` +
          "checkpointed layers or use a smaller model.",
        { cause },
      );
    }
    this.#tokens = Math.max(1, Math.floor(tokens / 2));
    this.#halvings++;
  }
}
