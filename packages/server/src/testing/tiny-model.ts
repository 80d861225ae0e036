/** A model small enough for tests: random weights, a byte-level tokenizer, a chat template in the style of Qwen2.5. */
import { Decoder, Engine, initialParameters, parseDecoderConfig, type Tokenizer, trainBpe } from "@zerosearch/lm";
import { Generator } from "@zerosearch/torch";
import type { ServedModel } from "../service.ts";

/** Puts a system text of its own where the conversation has no system message, as Qwen2.5 does. */
const CHAT_TEMPLATE: string = [
  "{%- if messages[0].role != 'system' -%}<|im_start|>system\nbe kind<|im_end|>\n{%- endif -%}",
  "{%- for message in messages -%}",
  "{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' -}}",
  "{%- endfor -%}",
  "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}",
].join("");

/** How many positions the model has. */
export const MAX_POSITIONS = 512;

/** @param chatTemplate  Jinja; null for a model without one */
export function tinyTokenizer(chatTemplate: string | null = CHAT_TEMPLATE): Tokenizer {
  return trainBpe({
    texts: ["who wrote the book of the dead sea", "the search for the answer to the question", "héllo wörld"],
    vocabularySize: 300,
    specialTokens: ["<|im_start|>", "<|im_end|>"],
    eosToken: "<|im_end|>",
    ...(chatTemplate === null ? {} : { chatTemplate }),
  });
}

/** A fresh model and its engine; dispose frees both. */
export function tinyModel(tokenizer: Tokenizer = tinyTokenizer(), maxSequences = 16): ServedModel & Disposable {
  const config = parseDecoderConfig(
    {
      model_type: "qwen2",
      vocab_size: 304,
      hidden_size: 32,
      intermediate_size: 64,
      num_hidden_layers: 1,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      max_position_embeddings: MAX_POSITIONS,
      rms_norm_eps: 1e-6,
      rope_theta: 10_000,
      tie_word_embeddings: true,
      initializer_range: 0.3,
    },
    "tiny config.json",
  );
  using generator = new Generator(0);
  // In float64 the rounding that depends on who else is in the batch is too small to change a token.
  const decoder = new Decoder(config, initialParameters(config, generator, { dtype: "float64" }));
  const engine = new Engine(decoder, { tokenizer, maxSequences, numerics: "fast" });
  return {
    id: "tiny",
    engine,
    tokenizer,
    eosIds: [],
    [Symbol.dispose]: () => {
      engine.dispose();
      decoder.dispose();
    },
  };
}
