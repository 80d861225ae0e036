/** The models of a run: the policy that learns, what it is held to, and who judges its states; how they are saved. */
import { type Decoder, loadDecoder, saveDecoder } from "@zerosearch/lm";
import { type Agent, loadAgent } from "../models/agent.ts";
import { savePrompt } from "../models/saved-prompt.ts";
import { type CheckpointParts, checkpointModelFolder, withCheckpointTensors } from "../run/checkpoint.ts";
import type { Algorithm } from "../update/algorithms.ts";
import { Critic } from "../update/critic.ts";
import { AdamW } from "../update/optimizer.ts";
import { rateOfStep } from "../update/optimizer-config.ts";
import type { LearningModels } from "../update/update-models.ts";
import type { TrainConfig } from "./train-config.ts";

const POLICY = "policy";
const POLICY_OPTIMIZER = "policy-optimizer";
const CRITIC = "critic";
const CRITIC_OPTIMIZER = "critic-optimizer";

/** What a checkpoint's state says of the models. */
export interface ModelsState {
  readonly policySteps: number;
  readonly criticSteps: number;
}

interface CriticParts {
  readonly critic: Critic;
  readonly optimizer: AdamW;
}

export class TrainingModels implements Disposable {
  readonly agent: Agent;
  /** The frozen start; only where KL has a weight. */
  readonly reference: Decoder | undefined;
  readonly #config: TrainConfig;
  readonly #optimizer: AdamW;
  readonly #critic: CriticParts | undefined;
  readonly #owned: Disposable[] = [];

  /**
   * Loads what the algorithm needs, from the start or from a checkpoint.
   *
   * @throws {ModelFileError} a folder is no model that can be loaded
   * @throws {RunError} a checkpoint is of another model
   */
  constructor(config: TrainConfig, algorithm: Algorithm, saved?: { folder: string; state: ModelsState }) {
    this.#config = config;
    try {
      const path = saved ? checkpointModelFolder(saved.folder, POLICY) : config.model.path;
      this.agent = this.#own(loadAgent({ ...config.model, path }));
      const { path: start, device, dtype } = config.model;
      this.reference =
        algorithm.kl.coefficient === 0 ? undefined : this.#own(loadDecoder(start, { device, ...(dtype && { dtype }) }));
      this.#optimizer = this.#own(new AdamW(this.agent.decoder.parameters, config.actor));
      if (algorithm.hasCritic) {
        const critic = this.#own(new Critic(this.agent.decoder));
        this.#critic = { critic, optimizer: this.#own(new AdamW(critic.parameters, config.critic)) };
      }
      if (saved) this.#restore(saved.folder, saved.state);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  get critic(): Critic | undefined {
    return this.#critic?.critic;
  }

  /** Who learns in a step, counted from 1, and how fast. While the critic warms up, the policy stays as it is. */
  learning(step: number): LearningModels {
    const { actor, critic, steps } = this.#config;
    const learnsPolicy = !this.#critic || step > critic.onlySteps;
    return {
      ...(learnsPolicy && {
        policy: {
          decoder: this.agent.decoder,
          optimizer: this.#optimizer,
          learningRate: rateOfStep(actor, step, steps),
        },
      }),
      ...(this.#critic && { critic: { ...this.#critic, learningRate: rateOfStep(critic, step, steps) } }),
    };
  }

  state(): ModelsState {
    return { policySteps: this.#optimizer.stepCount, criticSteps: this.#critic?.optimizer.stepCount ?? 0 };
  }

  /** What a checkpoint holds of them. */
  parts(): Omit<CheckpointParts, "state"> {
    return {
      models: [{ name: POLICY, save: (folder) => this.savePolicy(folder) }],
      tensors: {
        [POLICY_OPTIMIZER]: this.#optimizer.tensors(),
        ...(this.#critic && {
          [CRITIC]: this.#critic.critic.tensors(),
          [CRITIC_OPTIMIZER]: this.#critic.optimizer.tensors(),
        }),
      },
    };
  }

  /** Writes the policy as a folder that transformers, and `zerosearch eval`, can load. */
  savePolicy(folder: string): void {
    const { decoder, tokenizer, stopIds, prompt } = this.agent;
    saveDecoder(folder, decoder, { generation: { eos_token_id: [...stopIds] } });
    tokenizer.save(folder);
    if (prompt !== undefined) savePrompt(folder, prompt);
  }

  dispose(): void {
    for (const owned of this.#owned.splice(0).reverse()) owned[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #own<T extends Disposable>(owned: T): T {
    this.#owned.push(owned);
    return owned;
  }

  #restore(folder: string, { policySteps, criticSteps }: ModelsState): void {
    withCheckpointTensors(folder, POLICY_OPTIMIZER, (tensors) => this.#optimizer.restore(tensors, policySteps));
    const critic = this.#critic;
    if (!critic) return;
    withCheckpointTensors(folder, CRITIC, (tensors) => critic.critic.restore(tensors));
    withCheckpointTensors(folder, CRITIC_OPTIMIZER, (tensors) => critic.optimizer.restore(tensors, criticSteps));
  }
}
