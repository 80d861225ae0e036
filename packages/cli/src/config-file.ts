import { readFileSync } from "node:fs";
import { applyOverrides, ConfigError } from "@zerosearch/zerosearch";

/**
 * The configuration of a command: its JSON file, if there is one, and the dotted overrides after it, not yet checked.
 *
 * @param overrides  what commander leaves over, such as `--actor.lr 1e-6`
 * @throws {ConfigError} the file can't be read or is no JSON object, or an override is malformed
 */
export function readConfigFile(path: string | undefined, overrides: readonly string[]): object {
  return applyOverrides(path === undefined ? {} : readJsonObject(path), overrides);
}

function readJsonObject(path: string): object {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`${path} can't be read as a configuration: ${reason}`, { cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new ConfigError(`${path} must hold one JSON object, got ${JSON.stringify(value)?.slice(0, 80)}`);
}
