/** A sequence's keys and values outside the table, while it waits. */
import type { Tensor } from "@zerosearch/torch";

/** What attention looks back at in one layer. */
export interface LayerCache {
  readonly keys: Tensor;
  readonly values: Tensor;
}

/** Whoever holds it disposes of it. */
export class ParkedCache implements Disposable {
  readonly length: number;
  readonly layers: readonly LayerCache[];

  /** @param layers  (K, length, D) each */
  constructor(length: number, layers: readonly LayerCache[]) {
    this.length = length;
    this.layers = layers;
  }

  dispose(): void {
    for (const { keys, values } of this.layers) {
      keys.dispose();
      values.dispose();
    }
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
