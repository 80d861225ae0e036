/** What every engine demands of a call before it does anything. */
import { ConfigError, SearchError } from "../core/errors.ts";
import type { SearchOptions } from "./search-engine.ts";

/**
 * @throws {ConfigError} topK is no positive integer
 * @throws {SearchError} the signal has been aborted
 */
export function checkSearch(engine: string, { topK, signal }: SearchOptions): void {
  if (!Number.isSafeInteger(topK) || topK < 1) {
    throw new ConfigError(
      `${engine}: topK is ${topK}, expected a positive integer: set it to how many documents to read.`,
    );
  }
  if (signal?.aborted)
    throw new SearchError(`${engine}: the search was aborted.`, { kind: "aborted", cause: signal.reason });
}
