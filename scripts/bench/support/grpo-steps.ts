/**
 * Whole steps of GRPO as training takes them, made of the library's public pieces: rollouts, scores, log-probabilities of
 * a reference, advantages, update. Every rollout has the same lengths, so that two steps differ only in what they are
 * meant to differ in.
 */
import { rmSync } from "node:fs";
import { type Decoder, Engine } from "@zerosearch/lm";
import {
  AdamW,
  ALGORITHMS,
  type Algorithm,
  DEFAULT_ROLLOUT_LIMITS,
  type EnginePolicy,
  enginePolicy,
  estimateAdvantages,
  evaluateTokens,
  keyedUniform,
  type LearnedTrajectory,
  NonFiniteGuard,
  policyTokenCount,
  type Question,
  rolloutGroups,
  type Score,
  type ScoredTrajectory,
  type SearchEngine,
  scoreTrajectories,
  TokenBudget,
  type Trajectory,
  tokenSequence,
  updateModels,
} from "@zerosearch/zerosearch";
import { benchmarkModel, type ModelSize, openModel } from "./models.ts";
import { PlannedText } from "./planned-text.ts";

/** What a step consists of. */
export interface StepSizes {
  readonly questions: number;
  /** Rollouts per question. */
  readonly groupSize: number;
  readonly promptTokens: number;
  /** Of each rollout; a closing turn follows. */
  readonly searches: number;
  /** Of every turn, the closing one included. */
  readonly turnTokens: number;
  /** Of all documents of a search together, in words; a word is a token. */
  readonly documentWords: number;
}

/** What a step took, in seconds. */
export interface StepSeconds {
  readonly rollouts: number;
  /** Of the reference, and a check of the policy's own. */
  readonly logProbs: number;
  readonly update: number;
  readonly whole: number;
}

/** Entropy is reported, not rewarded, as in TRL; the rest is the paper's, with KL to a reference in the loss. */
const ALGORITHM: Algorithm = { ...ALGORITHMS.grpo, entropyCoefficient: 0 };
const LEARNING_RATE = 1e-6;
const SEED = 0;

/** A model of fresh weights, or the one that a folder holds. */
export type StartModel = ModelSize | { readonly folder: string };

/** Owns the policy, its folder if that was made for it, its reference, its optimizer. */
export class GrpoSteps implements Disposable {
  /** Where the weights of the start lie, for transformers too. */
  readonly folder: string;
  readonly policy: Decoder;
  readonly #sizes: StepSizes;
  readonly #isFolderOwn: boolean;
  readonly #reference: Decoder;
  readonly #text: PlannedText;
  readonly #engine: Engine;
  readonly #enginePolicy: EnginePolicy;
  readonly #optimizer: AdamW;
  readonly #budget = new TokenBudget(16_384);
  readonly #guard = new NonFiniteGuard(0);
  #step = 0;
  #replayed: readonly LearnedTrajectory[] | undefined;

  constructor(model: StartModel, sizes: StepSizes) {
    this.#sizes = sizes;
    this.#isFolderOwn = typeof model === "string";
    const { decoder, folder } = typeof model === "string" ? benchmarkModel(model) : openModel(model.folder);
    this.folder = folder;
    this.policy = decoder;
    this.#reference = openModel(folder).decoder;
    const turn = { length: sizes.turnTokens, tag: "search" } as const;
    this.#text = new PlannedText(decoder.config.vocabularySize, () => turn);
    this.#engine = new Engine(decoder, { tokenizer: this.#text });
    this.#enginePolicy = enginePolicy(this.#engine);
    this.#optimizer = new AdamW(decoder.parameters);
  }

  /** The prompts of every step: one per question. */
  get prompts(): number[][] {
    const { questions, promptTokens } = this.#sizes;
    const { vocabularySize } = this.policy.config;
    return Array.from({ length: questions }, (_, q) =>
      Array.from({ length: promptTokens }, (_, i) => Math.floor(keyedUniform([q, i]) * vocabularySize)),
    );
  }

  /** Tokens of one rollout: all of them, and those that the policy writes. */
  get rolloutTokens(): { readonly whole: number; readonly policy: number } {
    const { promptTokens, searches, turnTokens, documentWords } = this.#sizes;
    const policy = (searches + 1) * turnTokens;
    return { whole: promptTokens + policy + searches * observationTokens(documentWords), policy };
  }

  /** Takes the next step. */
  async step(): Promise<StepSeconds> {
    this.#step++;
    const startedAt = performance.now();
    const trajectories = await this.#rollouts();
    const { scored } = await scoreTrajectories(trajectories, evenShare);
    const playedAt = performance.now();
    const batch = this.#evaluate(scored);
    const evaluatedAt = performance.now();
    this.#update(batch);
    this.#enginePolicy.version++;
    const endedAt = performance.now();
    this.#check(trajectories);
    return {
      rollouts: (playedAt - startedAt) / 1000,
      logProbs: (evaluatedAt - playedAt) / 1000,
      update: (endedAt - evaluatedAt) / 1000,
      whole: (endedAt - startedAt) / 1000,
    };
  }

  /** Seconds of an update alone, again and again on the rollouts that the first call plays. */
  async repeatUpdate(): Promise<number> {
    this.#replayed ??= await this.#playOnce();
    const startedAt = performance.now();
    this.#update(this.#replayed);
    return (performance.now() - startedAt) / 1000;
  }

  dispose(): void {
    this.#optimizer.dispose();
    this.#engine.dispose();
    this.#reference.dispose();
    this.policy.dispose();
    if (this.#isFolderOwn) rmSync(this.folder, { recursive: true });
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  async #playOnce(): Promise<LearnedTrajectory[]> {
    const trajectories = await this.#rollouts();
    this.#check(trajectories);
    return this.#evaluate((await scoreTrajectories(trajectories, evenShare)).scored);
  }

  #evaluate(scored: readonly ScoredTrajectory[]): LearnedTrajectory[] {
    const { trajectories } = evaluateTokens({ policy: this.policy, reference: this.#reference }, scored, {
      temperature: 1,
      oldLogProbs: "recorded",
      numerics: "exact",
      budget: this.#budget,
    });
    return estimateAdvantages(ALGORITHM, trajectories);
  }

  #update(batch: readonly LearnedTrajectory[]): void {
    updateModels({ policy: { decoder: this.policy, optimizer: this.#optimizer, learningRate: LEARNING_RATE } }, batch, {
      algorithm: ALGORITHM,
      temperature: 1,
      shuffleKey: [SEED, this.#step],
      maxGradientNorm: 1,
      numerics: "exact",
      checkpointLayers: false,
      budget: this.#budget,
      guard: this.#guard,
    });
  }

  #rollouts(): Promise<Trajectory[]> {
    const { groupSize, searches, turnTokens, documentWords } = this.#sizes;
    const prompts = this.prompts;
    const questions = prompts.map((_, q): Question => ({ id: `${q}`, text: "", answers: ["a"], source: "bench" }));
    return rolloutGroups(questions, {
      policy: this.#enginePolicy,
      search: instantEngine(documentWords),
      tokenizer: this.#text,
      encodePrompt: ({ id }) => ({ tokens: prompts[Number(id)] ?? [], text: "" }),
      seed: SEED,
      step: this.#step,
      noise: 0,
      sampling: {},
      stopIds: [],
      limits: { ...DEFAULT_ROLLOUT_LIMITS, maxTurns: searches, maxTurnTokens: turnTokens },
      answerNow: null,
      groupSize,
    });
  }

  /** @throws {Error} a rollout is longer or shorter than the sizes say, so that times would mean something else */
  #check(trajectories: readonly Trajectory[]): void {
    const { whole, policy } = this.rolloutTokens;
    for (const trajectory of trajectories) {
      const found = { whole: tokenSequence(trajectory).tokens.length, policy: policyTokenCount(trajectory) };
      if (found.whole === whole && found.policy === policy) continue;
      const { questionId, sample } = trajectory.key;
      throw new Error(
        `rollout ${sample} of question ${questionId} has ${found.whole} tokens, ${found.policy} of them the policy's; ` +
          `expected ${whole} and ${policy} (it ended as ${trajectory.stopReason}). Are the limits too low for these sizes?`,
      );
    }
  }
}

/** The share of even ids among what the policy wrote: differs within a group, and anybody can compute it. */
function evenShare(trajectory: Trajectory): Score {
  const { tokens, isPolicyToken } = tokenSequence(trajectory);
  const written = tokens.filter((_, position) => isPolicyToken[position]);
  return { reward: written.filter((id) => id % 2 === 0).length / written.length, measures: {} };
}

/** One document, at once. */
function instantEngine(words: number): SearchEngine {
  const documents = [{ text: Array.from({ length: words }, (_, i) => `word${i}`).join(" ") }];
  return {
    name: "instant",
    identity: {},
    open: () => ({ search: () => Promise.resolve({ documents, source: "instant", latencyMs: 0 }) }),
  };
}

/** Around the document's words: `<information>Doc`, `1:` and the empty words before and after. */
const OBSERVATION_FRAME = 4;

function observationTokens(documentWords: number): number {
  return documentWords + OBSERVATION_FRAME;
}
