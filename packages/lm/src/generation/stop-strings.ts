/** Finding stop strings in text that arrives in pieces, across the borders of tokens. */

/** Looks for any of several strings in growing text. */
export class StopStringMatcher {
  readonly #strings: readonly string[];
  readonly #keep: number;
  #tail = "";

  constructor(strings: readonly string[]) {
    this.#strings = strings;
    this.#keep = Math.max(0, ...strings.map((text) => text.length - 1));
  }

  /** Adds text; returns the string that is now complete, the earliest in the text if there are several. */
  push(piece: string): string | undefined {
    const text = this.#tail + piece;
    let found: string | undefined;
    let at = Number.POSITIVE_INFINITY;
    for (const string of this.#strings) {
      const index = text.indexOf(string);
      if (index >= 0 && index < at) {
        found = string;
        at = index;
      }
    }
    this.#tail = this.#keep === 0 ? "" : text.slice(-this.#keep);
    return found;
  }
}
