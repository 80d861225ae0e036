/** What a person sees of fine-tuning: a few lines that renew themselves on a terminal, one line per step elsewhere. */
import { LiveLines, type ProgressStream } from "../run/live-lines.ts";
import { curve, fitted, headline, type Pace, parts, timeLeft } from "../run/progress-view.ts";

export interface FineTuneProgress extends Pace {
  readonly runName: string;
  /** Of every step so far, this session's at least. */
  readonly losses: readonly number[];
  /** The last that was measured. */
  readonly validation?: { readonly step: number; readonly loss: number };
  readonly learningRate: number;
  readonly tokensPerSecond: number;
}

/** The lines of the live view, none longer than `columns`. */
export function renderFineTuning(progress: FineTuneProgress, columns: number): string[] {
  const { losses } = progress;
  return fitted(
    [headline(progress), `loss ${shown(losses.at(-1))}  ${curve(losses, columns)}`, facts(progress)],
    columns,
  );
}

/** One line per step, for logs. */
export function renderFineTuningLine(progress: FineTuneProgress): string {
  const { step, totalSteps, losses } = progress;
  return parts([`step ${step}/${totalSteps}`, `loss ${shown(losses.at(-1))}`, facts(progress), timeLeft(progress)]);
}

function facts({ validation, learningRate, tokensPerSecond }: FineTuneProgress): string {
  return parts([
    validation ? `validation ${shown(validation.loss)} (step ${validation.step})` : "",
    `lr ${learningRate.toExponential(2)}`,
    `${tokensPerSecond.toFixed(0)} tokens/s`,
  ]);
}

function shown(loss: number | undefined): string {
  return loss === undefined ? "–" : loss.toFixed(4);
}

/** Shows one state after the other on a stream. */
export class FineTuneView {
  readonly #lines: LiveLines;

  constructor(stream: ProgressStream) {
    this.#lines = new LiveLines(stream);
  }

  /** Replaces what is shown on a terminal; adds a line elsewhere. */
  show(progress: FineTuneProgress): void {
    this.#lines.show(
      (columns) => renderFineTuning(progress, columns),
      () => renderFineTuningLine(progress),
    );
  }

  /** Writes a line that stays, above the live view. */
  print(line: string): void {
    this.#lines.print(line);
  }
}
