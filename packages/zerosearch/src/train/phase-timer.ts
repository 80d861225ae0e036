/** Where a step's time goes: seconds by phase, such as `gen`. */
export class PhaseTimer {
  readonly #startedAt = performance.now();
  readonly #milliseconds = new Map<string, number>();

  /** Runs one phase. The same phase may run several times. */
  async measure<T>(phase: string, work: () => T | Promise<T>): Promise<T> {
    const startedAt = performance.now();
    try {
      return await work();
    } finally {
      this.#milliseconds.set(phase, (this.#milliseconds.get(phase) ?? 0) + performance.now() - startedAt);
    }
  }

  /** Milliseconds by phase, in the order of their first run. */
  phases(): Record<string, number> {
    return Object.fromEntries(this.#milliseconds);
  }

  totalMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** `timing_s/<phase>` and `timing_s/step`. */
  metrics(): Record<string, number> {
    const entries = [...this.#milliseconds, ["step", this.totalMs()] as const];
    return Object.fromEntries(entries.map(([name, milliseconds]) => [`timing_s/${name}`, milliseconds / 1000]));
  }
}
