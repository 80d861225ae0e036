/** A model folder small enough for tests: random weights, a byte-level tokenizer, a chat template if wanted. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decoder, initialParameters, parseDecoderConfig, saveDecoder, type Tokenizer, trainBpe } from "@zerosearch/lm";
import { Generator } from "@zerosearch/torch";

const CHAT_TEMPLATE = [
  "{%- for message in messages -%}",
  "{{- '<|im_start|>' + message.role + '\n' + message.content | trim + '<|im_end|>\n' -}}",
  "{%- endfor -%}",
  "{%- if add_generation_prompt -%}{{- '<|im_start|>assistant\n' -}}{%- endif -%}",
].join("");

export function tinyTokenizer(hasTemplate: boolean): Tokenizer {
  return trainBpe({
    texts: ["who wrote the book of the dead sea", "the search for the answer to the question", "héllo wörld"],
    vocabularySize: 300,
    specialTokens: ["<|im_start|>", "<|im_end|>"],
    eosToken: "<|im_end|>",
    ...(hasTemplate && { chatTemplate: CHAT_TEMPLATE }),
  });
}

/** Has 512 positions. The caller removes the folder. */
export function tinyModelFolder(hasTemplate: boolean): string {
  const folder = mkdtempSync(join(tmpdir(), "zerosearch-tiny-"));
  const tokenizer = tinyTokenizer(hasTemplate);
  const config = {
    model_type: "qwen2",
    vocab_size: 304,
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 1,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 512,
    rms_norm_eps: 1e-6,
    rope_theta: 10_000,
    tie_word_embeddings: true,
    initializer_range: 0.3,
  };
  const parsed = parseDecoderConfig(config, "tiny config.json");
  using generator = new Generator(0);
  const decoder = new Decoder(parsed, initialParameters(parsed, generator));
  saveDecoder(folder, decoder, { generation: { eos_token_id: tokenizer.eosId } });
  decoder.dispose();
  tokenizer.save(folder);
  return folder;
}
