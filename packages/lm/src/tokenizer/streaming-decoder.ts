/** Text while its tokens arrive. */

/**
 * Turns ids into text as they come. What it returns is final: never part of a character, never a piece that a later id
 * could change. All it returned, and then `flush()`, is what `decode` makes of all ids.
 */
export interface StreamingDecoder {
  /** Takes the next id; returns the text that is certain by now, often empty. */
  push(id: number): string;
  /** Ends the text and returns what was held back: a broken character becomes U+FFFD. A new text may follow. */
  flush(): string;
}
