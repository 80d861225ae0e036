/** From a configuration to what rollouts search. */
import type { Environment } from "../core/environment.ts";
import { ConfigError } from "../core/errors.ts";
import { createSearchEngine } from "../search/create-search-engine.ts";
import { searchEngineOf } from "../search/lift.ts";
import type { SearchEngine } from "../search/search-engine.ts";
import { entityOverlapGate, type Gate, noGate } from "../search/simulator/gate.ts";
import { Simulator } from "../search/simulator/simulator.ts";
import {
  instructSimulatorPrompt,
  type SimulatorPrompt,
  templatePrompt,
  tunedSimulatorPrompt,
} from "../search/simulator/simulator-prompts.ts";
import { createChatModel } from "./create-chat-model.ts";
import type { RolloutEngineConfig, SimulatorConfig } from "./rollout-engine-config.ts";

/** By the name that a configuration says. */
export type Gates = Readonly<Record<string, Gate>>;

const GATES: Gates = { "entity-overlap": entityOverlapGate, none: noGate };

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
  const { gate: name, temperature, maxTokens, consistentPages, maxDraws, sharedNoise } = config;
  const known = { ...GATES, ...gates };
  const gate = known[name];
  if (!gate) {
    throw new ConfigError(`search.gate is "${name}", which is none of ${Object.keys(known).join(", ")}.`);
  }
  const options = { gate, temperature, maxTokens, consistentPages, maxDraws, sharedNoise };
  return new Simulator(await createChatModel(config.model, environment), promptOf(config), options);
}

function promptOf({ prompt, answers }: SimulatorConfig): SimulatorPrompt {
  if (prompt === "tuned") return tunedSimulatorPrompt({ answers });
  if (prompt === "instruct") return instructSimulatorPrompt({ answers });
  return templatePrompt(prompt);
}
