/** Writes down what an engine found, as the material from which a simulator is tuned (§2.4). */
import { appendFile, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { QueryEngine } from "./search-engine.ts";
import { withoutSearch } from "./with-retry.ts";

/**
 * Appends a JSON line `{engine, query, topK, documents}` to a file for every search that succeeded, in the order in
 * which they did. A search fails if its line can't be written.
 */
export function withRecording(engine: QueryEngine, { path }: { readonly path: string }): QueryEngine {
  let lastWrite: Promise<unknown> = mkdir(dirname(path), { recursive: true });
  // Whoever searches hears of a failed write; without a search nobody should.
  lastWrite.catch(() => undefined);
  const append = (line: string): Promise<void> => {
    const write = lastWrite.then(() => appendFile(path, line));
    lastWrite = write;
    write.catch(() => undefined);
    return write;
  };
  return {
    ...withoutSearch(engine),
    async search(query, options) {
      const documents = await engine.search(query, options);
      await append(`${JSON.stringify({ engine: engine.name, query, topK: options.topK, documents })}\n`);
      return documents;
    },
  };
}
