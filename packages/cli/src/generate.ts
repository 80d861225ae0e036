import { Engine, type FinishReason, loadDecoder, loadTokenizer, readGenerationConfig } from "@zerosearch/lm";
import { type Dtype, setThreads } from "@zerosearch/torch";

const DEFAULT_MAX_TOKENS = 256;

/** What is to be written, by which model. */
export interface GenerateOptions {
  /** A model folder in Hugging Face's format. */
  readonly model: string;
  readonly text: string;
  /** Wrap the text as the user's turn of the model's chat template. */
  readonly chat: boolean;
  /** As many as the model has positions left, but at most 256, when not given. */
  readonly maxTokens?: number;
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
  readonly threads: number;
  readonly dtype?: Dtype;
}

/** Why it ended, and how much there was. */
export interface GenerateResult {
  readonly finishReason: FinishReason;
  readonly promptTokens: number;
  readonly tokens: number;
  readonly tokensPerSecond: number;
}

/** Continues a text; `onText` gets each piece as soon as it is certain. */
export async function generate(options: GenerateOptions, onText: (piece: string) => void): Promise<GenerateResult> {
  const { model, text, chat, temperature, topP, seed, threads, dtype } = options;
  setThreads(threads);
  const tokenizer = loadTokenizer(model);
  if (chat && !tokenizer.chatTemplate) throw new Error(`${model} has no chat template: leave out --chat`);
  const rendered =
    chat && tokenizer.chatTemplate?.render({ messages: [{ role: "user", content: text }], addGenerationPrompt: true });
  const prompt = tokenizer.encode(rendered || text, { allowSpecial: Boolean(rendered) });
  const ends = new Set([
    ...readGenerationConfig(model).eosIds,
    ...(tokenizer.eosId === undefined ? [] : [tokenizer.eosId]),
  ]);
  using decoder = loadDecoder(model, dtype ? { dtype } : {});
  const room = decoder.config.maxPositions - prompt.length;
  const maxTokens = options.maxTokens ?? Math.max(1, Math.min(DEFAULT_MAX_TOKENS, room));
  using engine = new Engine(decoder);
  const startedAt = performance.now();
  const generation = engine.add({ prompt, maxTokens, temperature, topP, seed, stopIds: [...ends] });
  // Not the engine's text: that of an end token may begin with a character that was not certain before.
  const shown = tokenizer.streamingDecoder();
  for await (const { id } of generation) if (!ends.has(id)) onText(shown.push(id));
  onText(shown.flush());
  const { tokens, finishReason } = await generation.result;
  return {
    finishReason,
    promptTokens: prompt.length,
    tokens: tokens.length,
    tokensPerSecond: (1000 * tokens.length) / (performance.now() - startedAt),
  };
}
