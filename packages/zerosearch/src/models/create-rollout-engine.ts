/** From a configuration to what rollouts search. */
import type { Environment } from "../core/environment.ts";
import { createSearchEngine } from "../search/create-search-engine.ts";
import { searchEngineOf } from "../search/lift.ts";
import type { SearchEngine } from "../search/search-engine.ts";
import { Simulator } from "../search/simulator/simulator.ts";
import { createChatModel } from "./create-chat-model.ts";
import type { RolloutEngineConfig } from "./rollout-engine-config.ts";
import { type Gates, gateNamed, simulatorPromptOf } from "./simulator-parts.ts";

export interface RolloutEngineContext {
  /** Gates that the program brings besides `entity-overlap` and `none`. */
  readonly gates?: Gates;
  /** Where keys are looked for; the process's own by default. */
  readonly environment?: Environment;
}

/**
 * The engine, which owns what it is made of: closing it closes all.
 *
 * @throws {ConfigError} a key is missing, the gate is unknown, or an option contradicts another
 * @throws {DataError} an index can't be opened
 * @throws {ModelFileError} the simulator's folder is no model that can be loaded
 */
export async function createRolloutEngine(
  config: RolloutEngineConfig,
  { gates, environment }: RolloutEngineContext = {},
): Promise<SearchEngine> {
  if (config.engine !== "simulator") return searchEngineOf(createSearchEngine(config, environment));
  const { temperature, maxTokens, consistentPages, maxDraws, sharedNoise } = config;
  const gate = gateNamed(config.gate, gates);
  const options = { gate, temperature, maxTokens, consistentPages, maxDraws, sharedNoise };
  return new Simulator(await createChatModel(config.model, environment), simulatorPromptOf(config), options);
}
