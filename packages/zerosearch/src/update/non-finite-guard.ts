/** Steps that came to no number are skipped, counted, and not borne for ever. */
import { RunError } from "../core/errors.ts";
import type { RolloutKey } from "../search/search-engine.ts";

/** A step that was not taken, with what is needed to look into it. */
export interface SkippedStep {
  readonly model: "policy" | "critic";
  readonly loss: number;
  readonly gradientNorm: number;
  /** What it would have learned from: rollouts, or records by their place among those that fine-tuning learns from. */
  readonly batch: { readonly rollouts: readonly RolloutKey[] } | { readonly records: readonly number[] };
}

/** Counts skipped steps over a run, each model by itself; stops it only when asked, so that all is written down first. */
export class NonFiniteGuard {
  readonly #mostInARow: number;
  readonly #inARow = new Map<SkippedStep["model"], number>();
  #total = 0;
  #failure: RunError | undefined;

  /** @param mostInARow  so many skipped steps one after another are borne; one more stops the run */
  constructor(mostInARow: number) {
    this.#mostInARow = mostInARow;
  }

  /** Skipped steps so far. */
  get total(): number {
    return this.#total;
  }

  stepTaken(model: SkippedStep["model"]): void {
    this.#inARow.delete(model);
  }

  stepSkipped({ model, loss, gradientNorm }: SkippedStep): void {
    this.#total++;
    const inARow = (this.#inARow.get(model) ?? 0) + 1;
    this.#inARow.set(model, inARow);
    if (inARow > this.#mostInARow) {
      this.#failure ??= new RunError(
        `${inARow} updates of the ${model} in a row were not finite, the last with loss ${loss} and gradient norm ` +
          `${gradientNorm}; at most ${this.#mostInARow} are skipped. Lower the learning rate or go back to a checkpoint.`,
      );
    }
  }

  /** Whether there were too many in a row. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** @throws {RunError} there were too many in a row */
  throwIfTooMany(): void {
    if (this.#failure) throw this.#failure;
  }
}
