/** What a person sees of a run: a few lines that renew themselves on a terminal, one line per step elsewhere. */
import { LiveLines, type ProgressStream } from "./live-lines.ts";

/** How far a run has come, and how fast. */
export interface Pace {
  /** Steps done. */
  readonly step: number;
  readonly totalSteps: number;
  /** Milliseconds of the last steps, from which the time left is told. */
  readonly stepMs: readonly number[];
}

export interface ProgressState extends Pace {
  readonly runName: string;
  /** Mean reward of every step so far, this session's at least. */
  readonly rewards: readonly number[];
  /** The curriculum's share of noisy results, in [0, 1]; undefined for real engines. */
  readonly noise?: number;
  /** Mean turns per rollout. */
  readonly turns?: number;
  /** Milliseconds of the last step by phase, such as `gen`. */
  readonly phaseMs: Readonly<Record<string, number>>;
  /** What else should be seen, such as trackers that fail. */
  readonly notes?: readonly string[];
}

const BLOCKS = "▁▂▃▄▅▆▇█";
const BAR_WIDTH = 24;
const MAX_CURVE = 60;

/** The lines of the live view, none longer than `columns`. */
export function renderProgress(state: ProgressState, columns: number): string[] {
  const lines = [
    headline(state),
    `reward ${number(state.rewards.at(-1))}  ${curve(state.rewards, columns)}`,
    parts([
      state.noise === undefined ? "" : `noise ${(state.noise * 100).toFixed(0)} %`,
      state.turns === undefined ? "" : `turns ${state.turns.toFixed(2)}`,
      phases(state.phaseMs),
    ]),
    ...(state.notes ?? []),
  ];
  return fitted(lines, columns);
}

/** Lines that say something, each cut to the terminal's width. */
export function fitted(lines: readonly string[], columns: number): string[] {
  return lines.filter((line) => line !== "").map((line) => [...line].slice(0, columns).join(""));
}

/** Which run it is, how far it has come, and how long it will take. */
export function headline(pace: Pace & { readonly runName: string }): string {
  const { runName, step, totalSteps } = pace;
  const share = totalSteps === 0 ? 1 : Math.min(1, step / totalSteps);
  const full = Math.round(share * BAR_WIDTH);
  const bar = "█".repeat(full) + "░".repeat(BAR_WIDTH - full);
  return `${runName}  ${bar} ${step}/${totalSteps}  ${timeLeft(pace)}`;
}

/** Values over time, as wide as fits behind a few words. */
export function curve(values: readonly number[], columns: number): string {
  return sparkline(values, Math.min(MAX_CURVE, Math.max(1, columns - 24)));
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

/** Shows one state after the other on a stream. */
export class ProgressView {
  readonly #lines: LiveLines;

  constructor(stream: ProgressStream) {
    this.#lines = new LiveLines(stream);
  }

  /** Replaces what is shown on a terminal; adds a line elsewhere. */
  show(state: ProgressState): void {
    this.#lines.show(
      (columns) => renderProgress(state, columns),
      () => renderStepLine(state),
    );
  }

  /** Writes a line that stays, above the live view. */
  print(line: string): void {
    this.#lines.print(line);
  }
}

/** By the median of the last steps: one slow step, such as one that saved, does not change it. */
export function timeLeft({ step, totalSteps, stepMs }: Pace): string {
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

/** Those that say something, with space between them. */
export function parts(texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join("  ");
}
