/** The model that is being fine-tuned: weights, optimizer and tokenizer; where they come from and how they are saved. */
import {
  Decoder,
  initialParameters,
  loadDecoder,
  loadTokenizer,
  readDecoderConfig,
  readGenerationConfig,
  saveDecoder,
  type Tokenizer,
} from "@zerosearch/lm";
import { Generator } from "@zerosearch/torch";
import { ConfigError } from "../core/errors.ts";
import { keyedSeed } from "../core/keyed-random.ts";
import { type CheckpointParts, checkpointModelFolder, withCheckpointTensors } from "../run/checkpoint.ts";
import { AdamW } from "../update/optimizer.ts";
import type { FineTuneConfig } from "./fine-tune-config.ts";

const MODEL = "model";
const OPTIMIZER = "optimizer";

/** Owns the weights and the optimizer. */
export class FineTunedModel implements Disposable {
  readonly decoder: Decoder;
  readonly optimizer: AdamW;
  readonly #tokenizer: Tokenizer;
  readonly #eosIds: readonly number[];

  /**
   * Starts as the configuration says, or goes on from a checkpoint.
   *
   * @throws {ModelFileError} the folder is no model that can be loaded
   * @throws {RunError} the checkpoint is of another model
   */
  constructor(config: FineTuneConfig, tokenizer: Tokenizer, saved?: { folder: string; optimizerSteps: number }) {
    const { path } = config.model;
    this.#tokenizer = tokenizer;
    // A text that was learned ends with the tokenizer's end, whatever else may end one.
    const learnedEnd = tokenizer.eosId === undefined ? [] : [tokenizer.eosId];
    this.#eosIds = [...new Set([...learnedEnd, ...readGenerationConfig(path).eosIds])];
    this.decoder = saved
      ? load(checkpointModelFolder(saved.folder, MODEL), config)
      : config.model.weights === "load"
        ? load(path, config)
        : initialise(config);
    this.optimizer = new AdamW(this.decoder.parameters, config.optimizer);
    try {
      if (!saved) return;
      const { folder, optimizerSteps } = saved;
      withCheckpointTensors(folder, OPTIMIZER, (tensors) => this.optimizer.restore(tensors, optimizerSteps));
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** What a checkpoint holds of it. */
  parts(): Omit<CheckpointParts, "state"> {
    return {
      models: [{ name: MODEL, save: (folder) => this.save(folder) }],
      tensors: { [OPTIMIZER]: this.optimizer.tensors() },
    };
  }

  /** Writes a folder that transformers, and every command here, can load. */
  save(folder: string): void {
    saveDecoder(folder, this.decoder, { generation: { eos_token_id: [...this.#eosIds] } });
    this.#tokenizer.save(folder);
  }

  dispose(): void {
    this.optimizer.dispose();
    this.decoder.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/**
 * The tokenizer of a configuration.
 *
 * @throws {ConfigError} the model has no embeddings for its tokens, or no positions for `maxTokens` of them
 */
export function fineTuneTokenizer({ model, data }: FineTuneConfig): Tokenizer {
  const tokenizer = loadTokenizer(model.path);
  const { vocabularySize, maxPositions } = readDecoderConfig(model.path);
  if (tokenizer.vocabularySize > vocabularySize) {
    throw new ConfigError(
      `the tokenizer in ${model.path} has ${tokenizer.vocabularySize} tokens, its config.json a vocabulary of ` +
        `${vocabularySize}: do the two belong together?`,
    );
  }
  if (data.maxTokens > maxPositions) {
    throw new ConfigError(
      `data.maxTokens is ${data.maxTokens}, but the model in ${model.path} has ${maxPositions} positions: lower it`,
    );
  }
  return tokenizer;
}

function load(folder: string, { model: { dtype, device } }: FineTuneConfig): Decoder {
  return loadDecoder(folder, { device, ...(dtype && { dtype }) });
}

function initialise({ model: { path, dtype, device }, seed }: FineTuneConfig): Decoder {
  const config = readDecoderConfig(path);
  using generator = new Generator(keyedSeed([seed, "fresh weights"]));
  return new Decoder(config, initialParameters(config, generator, { device, ...(dtype && { dtype }) }));
}
