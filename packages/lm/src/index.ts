/** Language models on libtorch: load, train, sample and save, with one decoder for training and generation. */

export { ModelFileError, RequestError, SamplingError } from "./errors.ts";
export { fineTuningLoss } from "./fine-tuning-loss.ts";
export { type Conversation, Engine, type EngineOptions } from "./generation/engine.ts";
export type { Generation, StreamedToken } from "./generation/generation.ts";
export { packedWeightBytes } from "./generation/packed-weights.ts";
export {
  type FinishReason,
  type GenerationRequest,
  type GenerationResult,
  LOWEST_TEMPERATURE,
  type SampledToken,
  type SamplingOptions,
  type StopOptions,
} from "./generation/request.ts";
export { type LogProbOptions, type TokenLogProbs, tokenLogProbs, tokenLogProbsAndEntropies } from "./log-probs.ts";
export { Decoder } from "./models/decoder.ts";
export {
  type DecoderConfig,
  decoderConfigToJson,
  parseDecoderConfig,
  type RopeConfig,
} from "./models/decoder-config.ts";
export {
  type LoadOptions,
  loadDecoder,
  readDecoderConfig,
  readGenerationConfig,
  type SaveOptions,
  saveDecoder,
} from "./models/model-folder.ts";
export { initialParameters, type Parameters, parameterCount, parameterShapes } from "./models/parameters.ts";
export { type Attention, fullAttention } from "./nn/full-attention.ts";
export { FAST_NUMERICS, type Numerics } from "./nn/numerics.ts";
export { PackedSequences } from "./nn/packed-sequences.ts";
export {
  type ByteLevelVocabulary,
  byteLevelTokenizer,
  type TokenizerDetails,
} from "./tokenizer/byte-level-tokenizer.ts";
export { type ChatMessage, type ChatRequest, ChatTemplate } from "./tokenizer/chat-template.ts";
export type { StreamingDecoder } from "./tokenizer/streaming-decoder.ts";
export { type DecodeOptions, type EncodeOptions, loadTokenizer, Tokenizer } from "./tokenizer/tokenizer.ts";
export { DEFAULT_SPLIT_PATTERN, type TrainBpeOptions, trainBpe } from "./tokenizer/train-bpe.ts";
export { Checkpoint, openCheckpoint } from "./weights/checkpoint.ts";
export { matchWeights } from "./weights/match-weights.ts";
export { openSafetensors, SafetensorsFile } from "./weights/safetensors-file.ts";
export type { TensorInfo } from "./weights/safetensors-header.ts";
export { type WriteCheckpointOptions, writeCheckpoint } from "./weights/write-checkpoint.ts";
export { type NamedTensor, writeSafetensors } from "./weights/write-safetensors.ts";
