import type { EvaluationProgress } from "@zerosearch/zerosearch";
import pc from "picocolors";

/** Shows how far an evaluation is: one line that is written over where somebody watches, ten lines elsewhere. */
export class EvaluationProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #startedAt = performance.now();
  /** What had been done before. */
  #doneBefore: number | undefined;
  #tenths = 0;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
  }

  show(progress: EvaluationProgress): void {
    const { done, total } = progress;
    this.#doneBefore ??= done;
    const text = progressText(progress, this.#secondsLeft(progress, this.#doneBefore));
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

  #secondsLeft({ done, total }: EvaluationProgress, doneBefore: number): number | undefined {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    return done === doneBefore ? undefined : ((total - done) * seconds) / (done - doneBefore);
  }
}

function progressText(progress: EvaluationProgress, secondsLeft: number | undefined): string {
  const { done, total, failed, searches, exactMatch, f1 } = progress;
  const parts = [
    `${done}/${total}`,
    ...(done > 0 ? [`exact match ${exactMatch.toFixed(3)}`, `F1 ${f1.toFixed(3)}`] : []),
    ...(searches > 0 ? [`${searches} searches`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(secondsLeft === undefined || done === total ? [] : [`${Math.ceil(secondsLeft)} s left`]),
  ];
  return parts.join("  ");
}
