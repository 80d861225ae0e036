/** How far an evaluation is, and how it looks so far. */
import { isFailure } from "../rollout/stop-reason.ts";
import type { Prediction } from "./prediction-log.ts";

export class EvaluationProgress {
  readonly total: number;
  done = 0;
  failed = 0;
  searches = 0;
  #exactMatch = 0;
  #f1 = 0;

  /** @param predictions  those that were there before */
  constructor(total: number, predictions: Iterable<Prediction>) {
    this.total = total;
    for (const prediction of predictions) this.add(prediction);
  }

  add({ stopReason, searches, exactMatch, f1 }: Prediction): void {
    this.done++;
    if (isFailure(stopReason)) this.failed++;
    this.searches += searches;
    this.#exactMatch += exactMatch;
    this.#f1 += f1;
  }

  /** Means over what is done; NaN before the first. */
  get exactMatch(): number {
    return this.#exactMatch / this.done;
  }

  get f1(): number {
    return this.#f1 / this.done;
  }
}
