/** Ctrl-C: the first asks to finish the step and save, the second stops at once. */
import type { EventEmitter } from "node:events";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export interface GracefulStopOptions {
  /** Told of the first signal: to say that the step is being finished. */
  readonly onFirst?: (signal: NodeJS.Signals) => void;
  /** Ends the process; called on the second signal, after {@link GracefulStop.signal} was aborted. */
  readonly stopNow: (signal: NodeJS.Signals) => void;
  /** Where signals come from. Default `process`. */
  readonly emitter?: Pick<EventEmitter, "on" | "off">;
}

/** Listens until disposed of; then signals have their usual effect again. */
export class GracefulStop implements Disposable {
  readonly #emitter: Pick<EventEmitter, "on" | "off">;
  readonly #controller = new AbortController();
  readonly #handle: (signal: NodeJS.Signals) => void;
  #isRequested = false;

  constructor({ onFirst, stopNow, emitter = process }: GracefulStopOptions) {
    this.#emitter = emitter;
    this.#handle = (signal) => {
      if (!this.#isRequested) {
        this.#isRequested = true;
        onFirst?.(signal);
        return;
      }
      this.#controller.abort();
      stopNow(signal);
    };
    for (const signal of SIGNALS) emitter.on(signal, this.#handle);
  }

  /** Whether to stop after this step. */
  get isRequested(): boolean {
    return this.#isRequested;
  }

  /** Aborted by the second signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  dispose(): void {
    for (const signal of SIGNALS) this.#emitter.off(signal, this.#handle);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
