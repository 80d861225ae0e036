/** One attempt's time: a signal that is aborted by its caller or by the clock on the wall, and says by which. */

export interface Deadline {
  readonly signal: AbortSignal;
  readonly isExceeded: boolean;
  /** Forgets timer and caller. */
  [Symbol.dispose](): void;
}

/**
 * Starts counting at once. `AbortSignal.any` would do the same, but on Node 20 it keeps every signal that was ever
 * combined with a long-lived one.
 */
export function startDeadline(timeoutMs: number, caller: AbortSignal | undefined): Deadline {
  const controller = new AbortController();
  let isExceeded = false;
  const onCaller = () => controller.abort(caller?.reason);
  if (caller?.aborted) onCaller();
  caller?.addEventListener("abort", onCaller, { once: true });
  const timer = setTimeout(() => {
    isExceeded = true;
    controller.abort();
  }, timeoutMs);
  return {
    signal: controller.signal,
    get isExceeded() {
      return isExceeded;
    },
    [Symbol.dispose]() {
      clearTimeout(timer);
      caller?.removeEventListener("abort", onCaller);
    },
  };
}
