/** What a simulator's configuration names: its prompt and its gate. */
import { ConfigError } from "../core/errors.ts";
import { entityOverlapGate, type Gate, noGate } from "../search/simulator/gate.ts";
import {
  instructSimulatorPrompt,
  type SimulatorPrompt,
  templatePrompt,
  tunedSimulatorPrompt,
} from "../search/simulator/simulator-prompts.ts";
import type { SimulatorConfig } from "./rollout-engine-config.ts";

/** By the name that a configuration says. */
export type Gates = Readonly<Record<string, Gate>>;

const GATES: Gates = { "entity-overlap": entityOverlapGate, none: noGate };

/**
 * @param gates  those that the program brings
 * @throws {ConfigError} there is none of that name
 */
export function gateNamed(name: string, gates: Gates = {}): Gate {
  const known = { ...GATES, ...gates };
  const gate = known[name];
  if (gate) return gate;
  throw new ConfigError(`gate is "${name}", which is none of ${Object.keys(known).join(", ")}.`);
}

/** @throws {ConfigError} a template can't be filled */
export function simulatorPromptOf({ prompt, answers }: Pick<SimulatorConfig, "prompt" | "answers">): SimulatorPrompt {
  if (prompt === "tuned") return tunedSimulatorPrompt({ answers });
  if (prompt === "instruct") return instructSimulatorPrompt({ answers });
  return templatePrompt(prompt);
}
