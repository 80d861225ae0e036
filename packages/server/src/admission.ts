/**
 * How much is taken on at once. The engine queues without bound; here a request is refused when more sequences are
 * under way than can run and wait, so that nobody waits for an answer that comes too late.
 */
import { ApiError } from "./openai-errors.ts";

/** The place of one request's sequences; held until the engine is done with them. */
export interface Ticket {
  /** Gives the place back; only the first call counts. */
  release(): void;
}

/** Counts the sequences under way, and refuses more than fit. */
export class Admission {
  readonly #most: number;
  #inFlight = 0;
  #isClosed = false;
  #idle: (() => void)[] = [];

  /** @param most  sequences that may run and wait together */
  constructor(most: number) {
    if (!Number.isSafeInteger(most) || most < 1) {
      throw new RangeError(`maxSequences + maxQueued must be an integer ≥ 1, got ${most}`);
    }
    this.#most = most;
  }

  /** Sequences under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * @param sequences  how many texts a request asks for: its prompts times `n`
   * @throws {ApiError} 400 if they could never fit, 503 if they don't now
   */
  admit(sequences: number): Ticket {
    if (this.#isClosed) {
      throw new ApiError("the server is shutting down", { status: 503, code: "shutting_down", retryAfterSeconds: 5 });
    }
    if (sequences > this.#most) {
      throw new ApiError(
        `${sequences} texts in one request, prompts times n, exceed the ${this.#most} that this server takes on: send several requests`,
        { status: 400, param: "n" },
      );
    }
    if (this.#inFlight + sequences > this.#most) {
      throw new ApiError(
        `the server is busy with ${this.#inFlight} texts of at most ${this.#most}: repeat the request later`,
        { status: 503, code: "overloaded", retryAfterSeconds: 1 },
      );
    }
    this.#inFlight += sequences;
    let isHeld = true;
    return {
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#inFlight -= sequences;
        if (this.#inFlight === 0) for (const wake of this.#idle.splice(0)) wake();
      },
    };
  }

  /** Admits nothing any more. */
  close(): void {
    this.#isClosed = true;
  }

  /** Resolves when nothing is under way. */
  whenIdle(): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idle.push(resolve);
    });
  }
}
