/** How a simulated search engine differs from the reference's, and how to have the reference's. */
import { ConfigError } from "../../core/errors.ts";
import { entityOverlapGate, type Gate, noGate } from "./gate.ts";

export interface SimulatorOptions {
  /** Default 0.8, the reference's. */
  readonly temperature?: number;
  /** Of one page. Default 600, the reference's. */
  readonly maxTokens?: number;
  /** Default {@link entityOverlapGate}. */
  readonly gate?: Gate;
  /**
   * Whether the same question and query get the same label and page within a step. Default true. The query is then read
   * with white space closed up, by all who ask it.
   */
  readonly consistentPages?: boolean;
  /** How often a page is drawn, at most, until its label holds; the last one is taken. Default 1: never again. */
  readonly maxDraws?: number;
  /**
   * Without consistent pages, who shares a label: "call", the default, is drawn for each search; "group" for each turn,
   * so that all rollouts of a question meet the same noise.
   */
  readonly sharedNoise?: "call" | "group";
}

/** What the reference does, for {@link Simulator}'s options. */
export const REFERENCE_BEHAVIOUR: SimulatorOptions = { gate: noGate, consistentPages: false, sharedNoise: "call" };

/** @throws {ConfigError} an option is out of range, or contradicts another */
export function resolveOptions(options: SimulatorOptions): Required<SimulatorOptions> {
  const { temperature = 0.8, maxTokens = 600, gate = entityOverlapGate, maxDraws = 1 } = options;
  const { consistentPages = true, sharedNoise = "call" } = options;
  const demand = (isRight: boolean, name: string, value: unknown, expected: string): void => {
    if (!isRight) throw new ConfigError(`simulator: ${name} is ${String(value)}, expected ${expected}.`);
  };
  demand(temperature >= 0 && Number.isFinite(temperature), "temperature", temperature, "a finite number ≥ 0");
  demand(Number.isSafeInteger(maxTokens) && maxTokens >= 1, "maxTokens", maxTokens, "an integer ≥ 1");
  demand(Number.isSafeInteger(maxDraws) && maxDraws >= 1, "maxDraws", maxDraws, "an integer ≥ 1");
  if (consistentPages && sharedNoise === "group") {
    throw new ConfigError(
      'simulator: sharedNoise is "group" with consistentPages, where each query has its own label already: leave out one.',
    );
  }
  return { temperature, maxTokens, gate, consistentPages, maxDraws, sharedNoise };
}
