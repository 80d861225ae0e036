const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Runs what keeps its work when it is interrupted: the first Ctrl-C aborts the signal, a second one has its usual effect. */
export async function untilInterrupted<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort(new Error("interrupted"));
  for (const name of SIGNALS) process.once(name, onInterrupt);
  try {
    return await run(interrupt.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, onInterrupt);
  }
}
