/**
 * The paper's comparisons in miniature, and those of the simulated engine's fidelity: each is one change of the quick
 * start's configuration. What the paper measured stands beside it where it measured the same.
 */
import { modelFolder } from "../models/folders.ts";
import type { QuickStartChoices } from "../training-config.ts";

export interface Experiment {
  /** Of folders and tables. */
  readonly name: string;
  /** What it is compared with: experiments of one question stand together. */
  readonly question: string;
  readonly choices?: Partial<QuickStartChoices>;
  /** Of the configuration, by dotted name. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Searches a simulator that was trained for a tenth of the time. */
  readonly hasWeakSimulator?: boolean;
  /** The paper's average exact match over its seven benchmarks, in percent, for the same choice. */
  readonly paper?: string;
}

const ENGINE = "Which engine in training?";
const NOISE = "How much noise?";
const ALGORITHM = "Which algorithm?";
const START = "Which start?";
const MASK = "Are documents masked?";
const FIDELITY = "What must a simulated engine keep to?";
const COST = "Does searching cost?";

/** The first is the quick start itself, with which all others are compared. */
export const EXPERIMENTS: readonly Experiment[] = [
  { name: "default", question: ENGINE, paper: "34.47 (tuned 14B simulator, Qwen2.5-3B)" },
  { name: "real-engine", question: ENGINE, choices: { search: "real" }, paper: "32.81 (Google)" },
  { name: "weak-simulator", question: ENGINE, hasWeakSimulator: true, paper: "30.47 (tuned 3B simulator)" },
  { name: "noise-0", question: NOISE, settings: { noise: { kind: "constant", noise: 0 } } },
  { name: "noise-to-0.5", question: NOISE, settings: { noise: { kind: "exponential", start: 0, end: 0.5 } } },
  {
    name: "noise-0.5",
    question: NOISE,
    settings: { noise: { kind: "constant", noise: 0.5 } },
    paper: "32.59 (its “random”), against 34.47 with the curriculum",
  },
  { name: "ppo", question: ALGORITHM, choices: { algorithm: "ppo" }, paper: "32.67" },
  {
    name: "reinforce",
    question: ALGORITHM,
    choices: { algorithm: "reinforce" },
    paper: "34.47, against 33.17 with GRPO",
  },
  { name: "base-model", question: START, settings: { "model.path": modelFolder("base") } },
  {
    name: "unmasked",
    question: MASK,
    settings: { "update.learnsDocuments": true },
    paper: "34.53, against 36.07 masked (Llama-3.2-3B)",
  },
  { name: "inconsistent-pages", question: FIDELITY, settings: { "search.consistentPages": false } },
  { name: "no-gate", question: FIDELITY, settings: { "search.gate": "none" } },
  { name: "label-check", question: FIDELITY, settings: { "search.maxDraws": 3 } },
  { name: "search-cost", question: COST, settings: { searchCost: 0.02 } },
];
