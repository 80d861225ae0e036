import { existsSync } from "node:fs";
import { ConfigError, parseConfig, type RolloutEngineConfig, rolloutEngineConfigSchema } from "@zerosearch/zerosearch";
import { readConfigFile } from "./config-file.ts";

/**
 * What to search: a JSON file, or an engine's name, after a colon with its index or address: `local:wiki.index`,
 * `serpapi`, `wikipedia-retriever:http://127.0.0.1:6002`.
 *
 * @throws {ConfigError} it is neither
 */
export function searchFlag(text: string): RolloutEngineConfig {
  if (text.endsWith(".json")) return parseConfig(rolloutEngineConfigSchema, readConfigFile(text, []), text);
  const [, engine = "", place] = /^([^:]*)(?::(.+))?$/su.exec(text) ?? [];
  if (engine === "local" && place === undefined) {
    throw new ConfigError("--search local needs an index made by `zerosearch index`: --search local:FILE");
  }
  if (place === undefined && existsSync(text)) {
    throw new ConfigError(`--search ${text} is a file but no .json: an index is searched by --search local:${text}`);
  }
  const where = place === undefined ? {} : engine === "local" ? { index: place } : { url: place };
  return parseConfig(rolloutEngineConfigSchema, { engine, ...where }, `--search ${text}`);
}
