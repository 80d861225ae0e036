/** What a person sees of a run: a few lines that renew themselves on a terminal, one line per step elsewhere. */

export interface ProgressState {
  readonly runName: string;
  /** Steps done. */
  readonly step: number;
  readonly totalSteps: number;
  /** Mean reward of every step so far, this session's at least. */
  readonly rewards: readonly number[];
  /** The curriculum's share of noisy results, in [0, 1]; undefined for real engines. */
  readonly noise?: number;
  /** Mean turns per rollout. */
  readonly turns?: number;
  /** Milliseconds of the last step by phase, such as `gen`. */
  readonly phaseMs: Readonly<Record<string, number>>;
  /** Milliseconds of the last steps, from which the time left is told. */
  readonly stepMs: readonly number[];
  /** What else should be seen, such as trackers that fail. */
  readonly notes?: readonly string[];
}

const BLOCKS = "▁▂▃▄▅▆▇█";
const BAR_WIDTH = 24;
const MAX_CURVE = 60;

/** The lines of the live view, none longer than `columns`. */
export function renderProgress(state: ProgressState, columns: number): string[] {
  const share = state.totalSteps === 0 ? 1 : Math.min(1, state.step / state.totalSteps);
  const full = Math.round(share * BAR_WIDTH);
  const bar = "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
  const curve = sparkline(state.rewards, Math.min(MAX_CURVE, Math.max(1, columns - 24)));
  const lines = [
    `${state.runName}  ${bar} ${state.step}/${state.totalSteps}  ${timeLeft(state)}`,
    `reward ${number(state.rewards.at(-1))}  ${curve}`,
    parts([
      state.noise === undefined ? "" : `noise ${(state.noise * 100).toFixed(0)} %`,
      state.turns === undefined ? "" : `turns ${state.turns.toFixed(2)}`,
      phases(state.phaseMs),
    ]),
    ...(state.notes ?? []),
  ];
  return lines.filter((line) => line !== "").map((line) => [...line].slice(0, columns).join(""));
}

/** One line per step, for logs. */
export function renderStepLine(state: ProgressState): string {
  return parts([
    `step ${state.step}/${state.totalSteps}`,
    `reward ${number(state.rewards.at(-1))}`,
    state.noise === undefined ? "" : `noise ${state.noise.toFixed(2)}`,
    state.turns === undefined ? "" : `turns ${state.turns.toFixed(2)}`,
    phases(state.phaseMs),
    timeLeft(state),
    ...(state.notes ?? []),
  ]);
}

/** The last values as blocks between the least and the greatest of them; a value that is no number leaves a gap. */
export function sparkline(values: readonly number[], width: number): string {
  const shown = values.slice(-width);
  const finite = shown.filter(Number.isFinite);
  const [least, greatest] = [Math.min(...finite), Math.max(...finite)];
  return shown
    .map((value) => {
      if (!Number.isFinite(value)) return " ";
      const height = greatest === least ? 0 : (value - least) / (greatest - least);
      return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(height * BLOCKS.length))] ?? "";
    })
    .join("");
}

/** What the view writes to: `process.stderr`, or a list in tests. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Shows one state after the other on a stream. */
export class ProgressView {
  readonly #stream: ProgressStream;
  #shownLines = 0;

  constructor(stream: ProgressStream) {
    this.#stream = stream;
  }

  /** Replaces what is shown on a terminal; adds a line elsewhere. */
  show(state: ProgressState): void {
    if (!this.#stream.isTTY) {
      this.#stream.write(`${renderStepLine(state)}\n`);
      return;
    }
    const lines = renderProgress(state, this.#stream.columns ?? 80);
    this.#stream.write(`${this.#erasing()}${lines.join("\n")}\n`);
    this.#shownLines = lines.length;
  }

  /** Writes a line that stays, above the live view. */
  print(line: string): void {
    this.#stream.write(`${this.#erasing()}${line}\n`);
    this.#shownLines = 0;
  }

  /** Moves to the first line of the view (CSI F) and clears to the end of the screen (CSI J). */
  #erasing(): string {
    return this.#shownLines === 0 ? "" : `\u001b[${this.#shownLines}F\u001b[J`;
  }
}

/** By the median of the last steps: one slow step, such as one that saved, does not change it. */
function timeLeft({ step, totalSteps, stepMs }: ProgressState): string {
  const sorted = [...stepMs].sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (step >= totalSteps) return "done";
  return median === undefined ? "" : `${duration((totalSteps - step) * median)} left`;
}

/** Such as `2 h 05 min`, `3 min 20 s`, `45 s`. */
function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
}

function phases(phaseMs: Readonly<Record<string, number>>): string {
  return parts(Object.entries(phaseMs).map(([name, ms]) => `${name} ${(ms / 1000).toFixed(1)} s`));
}

function number(value: number | undefined): string {
  return value === undefined ? "–" : value.toFixed(3);
}

function parts(texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join("  ");
}
