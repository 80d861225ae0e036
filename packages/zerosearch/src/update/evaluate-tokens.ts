/**
 * What the models say of the tokens before an update. Each pass is made only if somebody needs it: the sampler's own
 * log-probabilities serve as the old ones where it is exact, the reference is asked where KL has a weight, the critic
 * where there is one.
 */
import { type Decoder, type Numerics, tokenLogProbs } from "@zerosearch/lm";
import { noGrad, type Tensor, tidy } from "@zerosearch/torch";
import type { EvaluatedTrajectory } from "../advantage/evaluated-trajectory.ts";
import { isLearnable } from "../advantage/learnable.ts";
import { tokenKl } from "../advantage/token-rewards.ts";
import type { ScoredTrajectory } from "../reward/reward.ts";
import { policyFullLogProbs } from "../rollout/policy-tokens.ts";
import type { Critic } from "./critic.ts";
import { choosingStates, type PolicyText, packRollouts, policyText } from "./packed-rollouts.ts";
import type { TokenBudget } from "./token-budget.ts";

/** How many trajectories a check of recorded log-probabilities computes. */
const CHECKED_TRAJECTORIES = 8;

export interface EvaluationModels {
  readonly policy: Decoder;
  /** The frozen start, if KL has a weight. */
  readonly reference?: Decoder;
  readonly critic?: Critic;
}

export interface EvaluationOptions {
  /** The one that was sampled with. */
  readonly temperature: number;
  /** `recorded`: those of the sampler, without a pass; right where sampler and trainer agree. */
  readonly oldLogProbs: "recorded" | "recomputed";
  readonly numerics: Numerics["mode"];
  readonly budget: TokenBudget;
  /** A few trajectories' recorded log-probabilities are compared with the trainer's. Default true. */
  readonly checksRecorded?: boolean;
}

/** How far the sampler's log-probabilities are from the trainer's. */
export interface SamplerDifference {
  /** Over so many tokens. */
  readonly tokens: number;
  readonly meanAbsolute: number;
  readonly largest: number;
  /** KL(sampler ‖ trainer) per token, by k3. */
  readonly kl: number;
}

export interface Evaluation {
  /** The learnable trajectories, in their order. */
  readonly trajectories: readonly EvaluatedTrajectory[];
  /** Where a pass of the policy was made. */
  readonly samplerDifference?: SamplerDifference;
}

/** Evaluates the policy tokens of all learnable trajectories; see advantage/learnable.ts. */
export function evaluateTokens(
  models: EvaluationModels,
  scored: readonly ScoredTrajectory[],
  options: EvaluationOptions,
): Evaluation {
  const learnable = scored.filter(({ trajectory }) => isLearnable(trajectory));
  const texts = learnable.map(({ trajectory }) => policyText(trajectory));
  const recorded = learnable.map(({ trajectory }) => policyFullLogProbs(trajectory));
  const recomputed = options.oldLogProbs === "recomputed" ? logProbsOf(models.policy, texts, options) : undefined;
  const reference = models.reference && logProbsOf(models.reference, texts, options);
  const values = models.critic && valuesOf(models.critic, texts, options);
  const difference = recomputed
    ? samplerDifference(recorded, recomputed)
    : (options.checksRecorded ?? true) && checkRecorded(models.policy, texts, recorded, options);
  return {
    trajectories: learnable.map((each, i) => ({
      ...each,
      oldLogProbs: (recomputed ?? recorded)[i] ?? new Float64Array(),
      ...(reference?.[i] && { referenceLogProbs: reference[i] }),
      ...(values?.[i] && { values: values[i] }),
    })),
    ...(difference && { samplerDifference: difference }),
  };
}

/** Of every policy token, at a temperature and with nothing truncated: one array per text. */
function logProbsOf(
  decoder: Decoder,
  texts: readonly PolicyText[],
  options: Pick<EvaluationOptions, "temperature" | "numerics" | "budget">,
): Float64Array[] {
  const numerics = decoder.numerics(options.numerics);
  const { device } = decoder.embeddings;
  return ofEveryText(texts, options.budget, (chosen) =>
    policyTokenLogProbs(decoder, chosen, { ...options, numerics, device }),
  );
}

function policyTokenLogProbs(
  decoder: Decoder,
  texts: readonly PolicyText[],
  { numerics, device, temperature }: { numerics: Numerics; device: Tensor["device"]; temperature: number },
): Tensor {
  const rollouts = packRollouts(texts, numerics, device);
  const states = choosingStates(decoder, rollouts);
  return tokenLogProbs(states, decoder.outputWeights, rollouts.targets, { numerics, temperature });
}

function valuesOf(
  critic: Critic,
  texts: readonly PolicyText[],
  options: Pick<EvaluationOptions, "numerics" | "budget">,
): Float64Array[] {
  const numerics = critic.decoder.numerics(options.numerics);
  const { device } = critic.decoder.embeddings;
  return ofEveryText(texts, options.budget, (chosen) => critic.values(packRollouts(chosen, numerics, device)));
}

/** Computes a number for every policy token, in micro-batches, without gradients. */
function ofEveryText(
  texts: readonly PolicyText[],
  budget: TokenBudget,
  compute: (chosen: readonly PolicyText[]) => Tensor,
): Float64Array[] {
  const found = texts.map(() => new Float64Array());
  budget.forEachBatch(
    texts.map(({ tokens }) => tokens.length),
    (indices) => {
      const chosen = indices.flatMap((index) => texts[index] ?? []);
      const numbers = noGrad(() => tidy(() => Float64Array.from(compute(chosen).toNumbers())));
      let start = 0;
      for (const index of indices) {
        const length = texts[index]?.targets.length ?? 0;
        found[index] = numbers.slice(start, start + length);
        start += length;
      }
    },
  );
  return found;
}

/** Whether the sampler's word can be trusted: a few trajectories, spread over the batch, computed again. */
function checkRecorded(
  policy: Decoder,
  texts: readonly PolicyText[],
  recorded: readonly Float64Array[],
  options: EvaluationOptions,
): SamplerDifference | undefined {
  const stride = Math.ceil(texts.length / CHECKED_TRAJECTORIES);
  const chosen = texts.flatMap((text, i) => (i % stride === 0 ? [{ text, sampler: recorded[i] }] : []));
  const trainer = logProbsOf(
    policy,
    chosen.map(({ text }) => text),
    options,
  );
  return samplerDifference(
    chosen.flatMap(({ sampler }) => sampler ?? []),
    trainer,
  );
}

/** Compares log-probabilities of the same tokens; undefined if there are none. */
function samplerDifference(
  sampler: readonly Float64Array[],
  trainer: readonly Float64Array[],
): SamplerDifference | undefined {
  const differences = sampler.flatMap((logProbs, i) =>
    Array.from(logProbs, (own, t) => (trainer[i]?.[t] ?? Number.NaN) - own),
  );
  if (differences.length === 0) return undefined;
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    tokens: differences.length,
    meanAbsolute: mean(differences.map(Math.abs)),
    largest: differences.reduce((largest, difference) => Math.max(largest, Math.abs(difference)), 0),
    kl: mean(differences.map((difference) => tokenKl("k3", 0, difference))),
  };
}
