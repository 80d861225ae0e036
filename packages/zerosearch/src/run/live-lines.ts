/** A few lines that renew themselves on a terminal; elsewhere one line after the other. */

/** What is written to: `process.stderr`, or a list in tests. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export class LiveLines {
  readonly #stream: ProgressStream;
  #shownLines = 0;

  constructor(stream: ProgressStream) {
    this.#stream = stream;
  }

  /**
   * Replaces what is shown on a terminal; adds a line elsewhere.
   *
   * @param live  lines no longer than `columns`
   * @param line  what they come to for logs
   */
  show(live: (columns: number) => readonly string[], line: () => string): void {
    if (!this.#stream.isTTY) {
      this.#stream.write(`${line()}\n`);
      return;
    }
    const lines = live(this.#stream.columns ?? 80);
    this.#stream.write(`${this.#erasing()}${lines.join("\n")}\n`);
    this.#shownLines = lines.length;
  }

  /** Writes a line that stays, above the live ones. */
  print(line: string): void {
    this.#stream.write(`${this.#erasing()}${line}\n`);
    this.#shownLines = 0;
  }

  /** Moves to the first of the lines (CSI F) and clears to the end of the screen (CSI J). */
  #erasing(): string {
    return this.#shownLines === 0 ? "" : `\u001b[${this.#shownLines}F\u001b[J`;
  }
}
