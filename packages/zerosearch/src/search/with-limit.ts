/** Keeps to what a service allows: so many searches at once, so many a second. The others wait their turn. */
import PQueue from "p-queue";
import { SearchError } from "../core/errors.ts";
import type { QueryEngine } from "./search-engine.ts";
import { withoutSearch } from "./with-retry.ts";

export interface LimitOptions {
  /** Searches under way at the same time, at least 1. */
  readonly maxConcurrent: number;
  /** Searches begun in any one second, at least 1; unlimited by default. */
  readonly maxPerSecond?: number;
}

export function withLimit(engine: QueryEngine, { maxConcurrent, maxPerSecond }: LimitOptions): QueryEngine {
  const queue = new PQueue({
    concurrency: maxConcurrent,
    ...(maxPerSecond !== undefined && { intervalCap: maxPerSecond, interval: 1000, strict: true }),
  });
  return {
    ...withoutSearch(engine),
    async search(query, options) {
      const { signal } = options;
      try {
        return await queue.add(() => engine.search(query, options), signal && { signal });
      } catch (error) {
        if (error instanceof SearchError || !signal?.aborted) throw error;
        throw new SearchError(`${engine.name}: the search was aborted.`, { kind: "aborted", cause: error });
      }
    },
  };
}
