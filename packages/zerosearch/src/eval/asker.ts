/** A policy that one can ask, question by question, with the rollout of training (defect D31 of the reference: another loop). */
import { ConfigError } from "../core/errors.ts";
import { type Agent, loadAgent } from "../models/agent.ts";
import type { AgentConfig } from "../models/agent-config.ts";
import { createRolloutEngine, type RolloutEngineContext } from "../models/create-rollout-engine.ts";
import type { RolloutEngineConfig } from "../models/rollout-engine-config.ts";
import { rollout } from "../rollout/rollout.ts";
import type { RolloutContext, RolloutLimits } from "../rollout/rollout-context.ts";
import type { Trajectory } from "../rollout/trajectory.ts";
import type { SearchEngine } from "../search/search-engine.ts";

export interface AskerConfig {
  readonly model: AgentConfig;
  /** A real engine: a simulator would have to know the answer. */
  readonly search: RolloutEngineConfig;
  readonly limits: RolloutLimits;
  /** 0 takes the likeliest tokens. */
  readonly temperature: number;
  readonly seed: number;
}

/** Owns model and engine. */
export class Asker implements AsyncDisposable {
  readonly #config: AskerConfig;
  readonly #agent: Agent;
  readonly #search: SearchEngine;
  #asked = 0;

  private constructor(config: AskerConfig, agent: Agent, search: SearchEngine) {
    this.#config = config;
    this.#agent = agent;
    this.#search = search;
  }

  /** @throws {ConfigError} @throws {DataError} @throws {ModelFileError} what the configuration asks for can't be had */
  static async open(config: AskerConfig, context: RolloutEngineContext = {}): Promise<Asker> {
    if (config.search.engine === "simulator") {
      throw new ConfigError(
        "a simulator writes documents about an answer that it is told, and here nobody knows it: choose a real engine.",
      );
    }
    const search = await createRolloutEngine(config.search, context);
    try {
      return new Asker(config, loadAgent(config.model), search);
    } catch (error) {
      await search.close?.();
      throw error;
    }
  }

  /** Questions stand for themselves: the policy was never taught to remember the one before. Asking again draws anew. */
  async ask(text: string, watch: Pick<RolloutContext, "onText" | "onSegment" | "signal"> = {}): Promise<Trajectory> {
    const { limits, temperature, seed } = this.#config;
    const question = { id: "asked", text, answers: [], source: "asked" };
    return await rollout(question, {
      ...this.#agent,
      ...watch,
      search: this.#search,
      seed,
      step: 0,
      sample: this.#asked++,
      noise: 0,
      sampling: { temperature },
      limits,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent[Symbol.dispose]();
    await this.#search.close?.();
  }
}
