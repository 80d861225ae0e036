/** A sequence's keys and values outside the table, while it waits. */
import type { CacheTables } from "@zerosearch/torch";

/** Whoever holds it disposes of it. */
export class ParkedCache implements Disposable {
  readonly length: number;
  readonly layers: readonly CacheTables[];

  /** @param layers  (K, length, D) each; keys that lie in panels, whole panels: (K, panels, D, PANEL) */
  constructor(length: number, layers: readonly CacheTables[]) {
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
