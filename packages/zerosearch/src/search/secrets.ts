/** Where keys come from: the environment, and only here. */
import { type Environment, processEnvironment } from "../core/environment.ts";
import { ConfigError } from "../core/errors.ts";

export type KeyedService = "serpapi" | "serper" | "brave" | "tavily";

/** The variables that are looked at, in this order. The reference calls SerpApi's SER_API_KEY. */
const VARIABLES: Readonly<Record<KeyedService, readonly string[]>> = {
  serpapi: ["SERPAPI_API_KEY", "SER_API_KEY"],
  serper: ["SERPER_API_KEY"],
  brave: ["BRAVE_API_KEY"],
  tavily: ["TAVILY_API_KEY"],
};

/**
 * A service's key, without spaces around it.
 *
 * @throws {ConfigError} no variable holds one; the message names them
 */
export function readKey(service: KeyedService, environment: Environment = processEnvironment()): string {
  const names = VARIABLES[service];
  for (const name of names) {
    const key = environment[name]?.trim();
    if (key) return key;
  }
  throw new ConfigError(`${service} needs a key: set the environment variable ${names.join(" or ")}.`);
}
