/** The metrics that a report shows, as training names them. Where one is missing, so is what would show it. */

export const METRIC = {
  reward: "train/reward",
  exactMatch: "train/exact_match",
  f1: "train/f1",

  turns: "env/number_of_actions/mean",
  searches: "env/number_of_valid_search",
  answered: "env/finish_ratio",
  responseLength: "response_length/mean",
  searchesMade: "search/made",
  dollarsSaved: "search/cost_saved_usd",

  noiseScheduled: "noise/scheduled",
  noiseRealised: "noise/realised",
  noiseRealisedLow: "noise/realised_low",
  noiseRealisedHigh: "noise/realised_high",
  simulatedResults: "simulator/results",
  hitRate: "simulator/hit_rate",
  leakRate: "simulator/leak_rate",
  undeservedLeakRate: "simulator/undeserved_leak_rate",
  documentsPerPage: "simulator/documents_per_page",
  exploitsSimulator: "watchdog/exploits_simulator",

  kl: "critic/kl",
  klLoss: "actor/kl_loss",
  entropy: "actor/entropy_loss",
  gradientNorm: "actor/grad_norm",
  learningRate: "actor/lr",
  policyLoss: "actor/pg_loss",
  skippedUpdates: "update/skipped_steps",
  clipFraction: "actor/pg_clipfrac",
  logProbDifferenceMean: "sampler/logprob_difference_mean",
  logProbDifferenceMax: "sampler/logprob_difference_max",

  stepSeconds: "timing_s/step",
  tokensPerSecond: "perf/tokens_per_second",
  generatedTokensPerSecond: "perf/generated_tokens_per_second",
} as const;

/** Before the name of a phase: the seconds that it took. {@link METRIC.stepSeconds} is all of them. */
export const PHASE_PREFIX = "timing_s/";

/** Phases by name, as people call them. Others are shown under their own names. */
export const PHASE_LABELS: Readonly<Record<string, string>> = {
  gen: "rollouts",
  reward: "rewards",
  log_probs: "log-probabilities",
  ref: "reference",
  adv: "advantages",
  update_actor: "update",
  testing: "evaluation",
  save_checkpoint: "checkpoints",
};

/** How many rollouts of a step ended for each reason. */
export const STOP_PREFIX = "env/stop/";
