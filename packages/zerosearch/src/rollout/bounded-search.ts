/** One search that ends, whatever the engine does: engines may hang, and may not listen to a signal. */
import { startDeadline } from "../core/deadline.ts";
import { SearchError } from "../core/errors.ts";
import type { SearchResult, SearchSession } from "../search/search-engine.ts";

export interface SearchBounds {
  readonly topK: number;
  /** Retries included. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * @throws {SearchError} of kind `timeout` or `aborted` as soon as that happens, even if the engine takes no notice; or
 *   whatever the engine throws
 */
export async function boundedSearch(
  session: SearchSession,
  query: string,
  { topK, timeoutMs, signal }: SearchBounds,
): Promise<SearchResult> {
  using deadline = startDeadline(timeoutMs, signal);
  const search = session.search(query, { topK, signal: deadline.signal });
  return await new Promise<SearchResult>((resolve, reject) => {
    const giveUp = (): void => {
      const [kind, what] = deadline.isExceeded
        ? (["timeout", `gave no result within ${timeoutMs} ms`] as const)
        : (["aborted", "was aborted"] as const);
      reject(new SearchError(`The search ${what}.`, { kind, cause: signal?.reason }));
    };
    if (deadline.signal.aborted) giveUp();
    else deadline.signal.addEventListener("abort", giveUp, { once: true });
    search.then(resolve, reject);
  });
}
