import pc from "picocolors";

/** How far something is: one line that is written over where somebody watches, ten lines elsewhere. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #startedAt = performance.now();
  /** What had been done before. */
  #doneBefore: number | undefined;
  #tenths = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  /** @param details  what else there is to say */
  show(done: number, total: number, details: readonly string[] = []): void {
    this.#doneBefore ??= done;
    const text = [`${done}/${total}`, ...details, ...this.#timeLeft(done, total, this.#doneBefore)].join("  ");
    if (this.#stream.isTTY) {
      this.#stream.write(`\r\u001b[K${pc.dim(text.slice(0, this.#stream.columns - 1))}`);
      return;
    }
    const tenths = Math.floor((10 * done) / total);
    if (tenths > this.#tenths) this.#stream.write(`${text}\n`);
    this.#tenths = tenths;
  }

  /** Leaves the line as it is. */
  end(): void {
    if (this.#stream.isTTY && this.#doneBefore !== undefined) this.#stream.write("\n");
  }

  #timeLeft(done: number, total: number, doneBefore: number): string[] {
    if (done === doneBefore || done === total) return [];
    const seconds = (performance.now() - this.#startedAt) / 1000;
    return [`${Math.ceil(((total - done) * seconds) / (done - doneBefore))} s left`];
  }
}
