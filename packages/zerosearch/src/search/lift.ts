/** Makes what knows queries only searchable by rollouts. The question stays behind: no answer can reach a real search. */
import type { QueryEngine, SearchEngine } from "./search-engine.ts";

/** The lifted engine owns the one it was made of: closing it closes both. */
export function searchEngineOf(engine: QueryEngine): SearchEngine {
  return {
    name: engine.name,
    identity: engine.identity,
    open: () => ({
      async search(query, options) {
        const startedAt = performance.now();
        const documents = await engine.search(query, options);
        return { documents, source: engine.name, latencyMs: performance.now() - startedAt };
      },
    }),
    close: async () => engine.close?.(),
  };
}
