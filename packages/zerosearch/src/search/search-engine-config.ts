/** Which engine is searched and what is wrapped around it, as a configuration says it. Keys are no part of it. */
import { z } from "zod";

interface CacheConfig {
  readonly folder: string;
  /** Answer from the folder alone, without key or network. */
  readonly offline: boolean;
}

/** What any engine may have around it. */
export interface KeptResults {
  readonly cache?: CacheConfig | undefined;
  /** A file that every result is appended to, as JSON lines. */
  readonly recordTo?: string | undefined;
}

/** A corpus indexed on this machine. */
interface LocalConfig extends KeptResults {
  readonly engine: "local";
  /** The index file. */
  readonly index: string;
}

/** How a service is asked. */
interface RemoteConfig extends KeptResults {
  /** For one attempt. */
  readonly timeoutMs: number;
  readonly maxAttempts: number;
  readonly maxConcurrent: number;
  readonly maxPerSecond?: number | undefined;
}

export interface GoogleConfig extends RemoteConfig {
  readonly engine: "serpapi" | "serper";
  readonly answerBox: boolean;
  /** Another address of the service, such as a proxy. */
  readonly url?: string | undefined;
}

export interface KeyedConfig extends RemoteConfig {
  readonly engine: "brave" | "tavily";
  readonly url?: string | undefined;
}

/** Services that one runs oneself. */
export interface OwnServiceConfig extends RemoteConfig {
  readonly engine: "searxng" | "wikipedia-retriever" | "search-r1-retriever";
  readonly url: string;
}

export type SearchEngineConfig = LocalConfig | GoogleConfig | KeyedConfig | OwnServiceConfig;

const kept = {
  cache: z.strictObject({ folder: z.string().min(1), offline: z.boolean().default(false) }).optional(),
  recordTo: z.string().min(1).optional(),
};

const remote = {
  ...kept,
  timeoutMs: z.int().min(1).default(10_000),
  maxAttempts: z.int().min(1).default(4),
  maxConcurrent: z.int().min(1).default(16),
  maxPerSecond: z.int().min(1).optional(),
};

const url = z.url({ protocol: /^https?$/u });

/** Names every engine; a key or an engine that does not exist is refused (defect D21 runs on without a word). */
export const searchEngineConfigSchema: z.ZodType<SearchEngineConfig> = z.discriminatedUnion("engine", [
  z.strictObject({ engine: z.literal("local"), index: z.string().min(1), ...kept }),
  z.strictObject({
    engine: z.enum(["serpapi", "serper"]),
    answerBox: z.boolean().default(false),
    url: url.optional(),
    ...remote,
  }),
  z.strictObject({ engine: z.enum(["brave", "tavily"]), url: url.optional(), ...remote }),
  z.strictObject({ engine: z.enum(["searxng", "wikipedia-retriever", "search-r1-retriever"]), url, ...remote }),
]);
