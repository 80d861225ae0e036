import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Decoder, Engine, initialParameters, loadTokenizer, parseDecoderConfig, saveDecoder } from "@zerosearch/lm";
import { Generator } from "@zerosearch/torch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generate } from "./generate.ts";

/** Its tokens are text or, where there is none for it, single bytes: a run of bytes is certain only when it ends. */
const tokenizer = loadTokenizer(fileURLToPath(new URL("../../../test/golden/tokenizers/llama2", import.meta.url)));
const config = parseDecoderConfig(
  {
    model_type: "qwen2",
    vocab_size: tokenizer.vocabularySize,
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    max_position_embeddings: 64,
    rms_norm_eps: 1e-6,
    tie_word_embeddings: false,
    initializer_range: 0.3,
  },
  "tiny config.json",
);
const isByte = (id: number): boolean => /^<0x..>$/.test(tokenizer.tokenOf(id) ?? "");
const texts = Array.from({ length: tokenizer.vocabularySize }, (_, id) => id).filter((id) => !isByte(id));

const folder = mkdtempSync(join(tmpdir(), "zerosearch-generate-"));
let decoder: Decoder;
beforeAll(() => {
  using generator = new Generator(0);
  decoder = new Decoder(config, initialParameters(config, generator));
  tokenizer.save(folder);
});
afterAll(() => {
  decoder.dispose();
  rmSync(folder, { recursive: true });
});

/** What the command shows, and the tokens that the engine gives for the same request. */
async function run(
  seed: number,
  maxTokens: number,
  ends: readonly number[],
): Promise<{ shown: string; ids: number[] }> {
  saveDecoder(folder, decoder, { generation: { eos_token_id: [...ends] } });
  const text = "the answer";
  let shown = "";
  const options = { model: folder, text, chat: false, maxTokens, temperature: 1, topP: 1, seed, threads: 1 };
  const result = await generate(options, (piece) => {
    shown += piece;
  });
  using engine = new Engine(decoder);
  const prompt = tokenizer.encode(text, { allowSpecial: false });
  const { tokens } = await engine.add({ prompt, maxTokens, seed, stopIds: [...ends] }).result;
  expect(result.tokens).toBe(tokens.length);
  return { shown, ids: tokens.map(({ id }) => id) };
}

test("what is shown is the text of all tokens, bytes at its end included", async () => {
  let cut = 0;
  for (let seed = 0; seed < 8; seed++) {
    const { shown, ids } = await run(seed, 8, [tokenizer.eosId ?? 0]);
    expect(shown).toBe(tokenizer.decode(ids, { skipSpecial: true }));
    if (isByte(ids.at(-1) ?? 0)) cut++;
  }
  expect(cut).toBeGreaterThan(1);
});

test("a token that ends the text is not shown, the bytes before it are", async () => {
  let ended = 0;
  for (let seed = 0; seed < 8; seed++) {
    const { shown, ids } = await run(seed, 30, texts);
    const written = ids.filter(isByte);
    expect(ids.length - written.length).toBe(1);
    expect(shown).toBe(tokenizer.decode(written));
    if (written.length > 0) ended++;
  }
  expect(ended).toBeGreaterThan(1);
});
