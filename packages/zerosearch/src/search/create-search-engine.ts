/** From a configuration to an engine that is ready to be searched. */
import type { Environment } from "../core/environment.ts";
import { FtsIndex } from "./local/fts-index.ts";
import type { QueryEngine } from "./search-engine.ts";
import type {
  GoogleConfig,
  KeptResults,
  KeyedConfig,
  OwnServiceConfig,
  SearchEngineConfig,
} from "./search-engine-config.ts";
import { readKey } from "./secrets.ts";
import { brave } from "./web/brave.ts";
import { searxng } from "./web/searxng.ts";
import { serpApi } from "./web/serpapi.ts";
import { serper } from "./web/serper.ts";
import { tavily } from "./web/tavily.ts";
import { searchR1Retriever } from "./wikipedia/search-r1-retriever.ts";
import { wikipediaRetriever } from "./wikipedia/wikipedia-retriever.ts";
import { withCache } from "./with-cache.ts";
import { withLimit } from "./with-limit.ts";
import { withRecording } from "./with-recording.ts";
import { withRetry } from "./with-retry.ts";

/**
 * Outermost the recording, then the cache, then retries, then the limit, so that a pause between two attempts holds up
 * nobody else and what is kept costs nothing.
 *
 * @param environment  where keys are looked for; the process's own by default
 * @throws {ConfigError} a key is missing, named by its variable; not where the cache alone answers
 * @throws {DataError} the index can't be opened
 */
export function createSearchEngine(config: SearchEngineConfig, environment?: Environment): QueryEngine {
  if (config.engine === "local") return keepResults(FtsIndex.open(config.index), config);
  const { maxAttempts, maxConcurrent, maxPerSecond } = config;
  const limited = withLimit(remoteEngine(config, environment), {
    maxConcurrent,
    ...(maxPerSecond !== undefined && { maxPerSecond }),
  });
  return keepResults(withRetry(limited, { maxAttempts }), config);
}

function keepResults(engine: QueryEngine, { cache, recordTo }: KeptResults): QueryEngine {
  const cached = cache === undefined ? engine : withCache(engine, cache);
  return recordTo === undefined ? cached : withRecording(cached, { path: recordTo });
}

function remoteEngine(config: GoogleConfig | KeyedConfig | OwnServiceConfig, environment?: Environment): QueryEngine {
  const { timeoutMs, url } = config;
  const settings = { timeoutMs, ...(url !== undefined && { url }) };
  switch (config.engine) {
    case "searxng":
      return searxng({ timeoutMs, url: config.url });
    case "wikipedia-retriever":
      return wikipediaRetriever(settings);
    case "search-r1-retriever":
      return searchR1Retriever(settings);
    default: {
      const key = config.cache?.offline ? undefined : readKey(config.engine, environment);
      return keyedEngine(config, { ...settings, key });
    }
  }
}

function keyedEngine(
  config: GoogleConfig | KeyedConfig,
  settings: { readonly key: string | undefined; readonly timeoutMs: number; readonly url?: string },
): QueryEngine {
  switch (config.engine) {
    case "serpapi":
      return serpApi({ ...settings, answerBox: config.answerBox });
    case "serper":
      return serper({ ...settings, answerBox: config.answerBox });
    case "brave":
      return brave(settings);
    case "tavily":
      return tavily(settings);
    default:
      return config satisfies never;
  }
}
