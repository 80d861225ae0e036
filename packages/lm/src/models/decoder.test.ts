import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { arange, grad, liveTensorCount, setThreads, type Tensor, tidy } from "@zerosearch/torch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ModelFileError } from "../errors.ts";
import { fullAttention } from "../nn/full-attention.ts";
import { PackedSequences } from "../nn/packed-sequences.ts";
import { tinyConfig, tinyDecoder } from "../testing/tiny-decoder.ts";
import { Decoder } from "./decoder.ts";
import { loadDecoder, saveDecoder } from "./model-folder.ts";
import { parameterCount } from "./parameters.ts";

const folder = mkdtempSync(join(tmpdir(), "zerosearch-decoder-"));
beforeAll(() => {
  setThreads(1);
});
afterAll(() => rmSync(folder, { recursive: true }));

const SEQUENCES = [5, 1, 17, 9, 16, 3, 40].map((length, i) => Array.from({ length }, (_, j) => (i * 29 + j * 7) % 160));

/** Hidden states of each sequence's tokens, one list per sequence. */
function statesOf(decoder: Decoder, sequences: readonly number[][], mode: "exact" | "fast"): number[][] {
  return tidy(() => {
    const packed = new PackedSequences(sequences, decoder.numerics(mode));
    const hidden = decoder.forward(packed.tokens, packed.positions, fullAttention(packed, decoder.embeddings));
    return packed.starts.map((start, i) => hidden.narrow(0, start, packed.lengths[i] ?? 0).toNumbers());
  });
}

describe("the full pass", () => {
  test("sequences packed together get what each gets alone: to the bit in exact numerics, closely in fast", () => {
    using decoder = tinyDecoder();
    const alone = SEQUENCES.map((sequence) => statesOf(decoder, [sequence], "exact")[0]);
    expect(statesOf(decoder, SEQUENCES, "exact")).toEqual(alone);
    const fast = statesOf(decoder, SEQUENCES, "fast").flat();
    const reference = alone.flat();
    expect(Math.max(...fast.map((value, i) => Math.abs(value - (reference[i] ?? 0))))).toBeLessThan(1e-4);
  });

  test("so do they on four threads, where a layer is so wide that threads would cut its rows", () => {
    setThreads(4);
    try {
      using decoder = tinyDecoder(0, { intermediate_size: 1024 });
      const alone = SEQUENCES.map((sequence) => statesOf(decoder, [sequence], "exact")[0]);
      expect(statesOf(decoder, SEQUENCES, "exact")).toEqual(alone);
    } finally {
      setThreads(1);
    }
  });

  test("a token changes nothing before it", () => {
    using decoder = tinyDecoder();
    const [sequence = []] = SEQUENCES.slice(2);
    const changed = [...sequence.slice(0, 10), 99, ...sequence.slice(11)];
    const [before = []] = statesOf(decoder, [sequence], "exact");
    const [after = []] = statesOf(decoder, [changed], "exact");
    const width = decoder.config.hiddenSize;
    expect(after.slice(0, 10 * width)).toEqual(before.slice(0, 10 * width));
    expect(after.slice(10 * width, 11 * width)).not.toEqual(before.slice(10 * width, 11 * width));
  });

  test("checkpointed layers give the same gradients to the bit", () => {
    using decoder = tinyDecoder();
    decoder.requireGrad();
    const gradients = (checkpointLayers: boolean): Tensor[] => {
      const packed = new PackedSequences(SEQUENCES, decoder.numerics("fast"));
      const attention = fullAttention(packed, decoder.embeddings);
      const hidden = decoder.forward(packed.tokens, packed.positions, attention, { checkpointLayers });
      return grad(decoder.logits(hidden).square().mean(), [...decoder.parameters.values()]);
    };
    const before = liveTensorCount();
    tidy(() => {
      const plain = gradients(false);
      const saved = gradients(true);
      expect(saved.map((gradient, i) => gradient.equal(plain[i] ?? gradient.add(1)))).toEqual(plain.map(() => true));
    });
    expect(liveTensorCount()).toBe(before);
  });

  test("no parameter is without a gradient", () => {
    for (const changes of [
      {},
      { model_type: "qwen3", tie_word_embeddings: false },
      { model_type: "llama", attention_bias: true, mlp_bias: true },
    ]) {
      using decoder = tinyDecoder(0, changes);
      decoder.requireGrad();
      tidy(() => {
        const packed = new PackedSequences(SEQUENCES, decoder.numerics("fast"));
        const hidden = decoder.forward(packed.tokens, packed.positions, fullAttention(packed, decoder.embeddings));
        const loss = decoder.logits(hidden).logSoftmax(-1).mul(arange(0, 160).to("float32").sin()).mean();
        const gradients = grad(loss, [...decoder.parameters.values()]);
        const zero = [...decoder.parameters.keys()].filter((_, i) => gradients[i]?.abs().sum().item() === 0);
        expect(zero).toEqual([]);
      });
    }
  });
});

describe("model folders", () => {
  test.each([
    ["qwen2, tied", {}],
    ["qwen3, untied, sharded", { model_type: "qwen3", tie_word_embeddings: false, head_dim: 16 }],
    [
      "llama with llama3 rope",
      {
        model_type: "llama",
        rope_scaling: {
          rope_type: "llama3",
          factor: 8,
          low_freq_factor: 1,
          high_freq_factor: 4,
          original_max_position_embeddings: 64,
        },
      },
    ],
  ])("a saved decoder loads as it was: %s", (name, changes) => {
    const path = join(folder, name);
    using decoder = tinyDecoder(3, changes);
    saveDecoder(path, decoder, {
      generation: { eos_token_id: 2 },
      maxShardBytes: name.includes("sharded") ? 10_000 : 5e9,
    });
    using loaded = loadDecoder(path);
    expect(loaded.config).toEqual(decoder.config);
    expect(statesOf(loaded, SEQUENCES, "exact")).toEqual(statesOf(decoder, SEQUENCES, "exact"));
    using wide = loadDecoder(path, { dtype: "float64" });
    expect(wide.embeddings.dtype).toBe("float64");
    expect(JSON.parse(readFileSync(join(path, "config.json"), "utf8")).eos_token_id).toBe(2);
  });

  test("training a loaded model leaves its file alone", () => {
    const path = join(folder, "trained");
    using decoder = tinyDecoder(4);
    saveDecoder(path, decoder);
    const bytes = readFileSync(join(path, "model.safetensors"));
    using loaded = loadDecoder(path);
    tidy(() => loaded.embeddings.mul_(2));
    expect(readFileSync(join(path, "model.safetensors")).equals(bytes)).toBe(true);
  });

  test("weights that don't fit config.json are listed by name", () => {
    const path = join(folder, "misfit");
    using decoder = tinyDecoder(5);
    saveDecoder(path, decoder);
    const config = JSON.parse(readFileSync(join(path, "config.json"), "utf8"));
    writeFileSync(
      join(path, "config.json"),
      JSON.stringify({ ...config, num_hidden_layers: 3, intermediate_size: 48 }),
    );
    expect(() => loadDecoder(path)).toThrow(/model\.layers\.2\.mlp\.up_proj\.weight/);
    expect(() => loadDecoder(path)).toThrow(
      /model\.layers\.0\.mlp\.up_proj\.weight is \[64, 32\], expected \[48, 32\]/,
    );
  });

  test.each([
    ["another architecture", { model_type: "gpt2" }, /model_type/],
    ["a missing size", { hidden_size: undefined }, /hidden_size/],
    ["heads that don't divide", { num_key_value_heads: 3 }, /multiple of num_key_value_heads \(3\)/],
    ["rope that is not implemented", { rope_scaling: { rope_type: "yarn", factor: 2 } }, /"yarn" is not implemented/],
    ["rope without its factor", { rope_scaling: { rope_type: "llama3" } }, /needs factor/],
    ["a sliding window", { use_sliding_window: true }, /use_sliding_window/],
    ["another activation", { hidden_act: "gelu" }, /hidden_act/],
  ])("%s in config.json is a clear error", (_, changes, message) => {
    expect(() => tinyConfig(changes)).toThrow(ModelFileError);
    expect(() => tinyConfig(changes)).toThrow(message);
  });
});

test("parameters are counted as published: Qwen2.5-0.5B has 494,032,768 of them", () => {
  const config = tinyConfig({
    vocab_size: 151_936,
    hidden_size: 896,
    intermediate_size: 4864,
    num_hidden_layers: 24,
    num_attention_heads: 14,
    num_key_value_heads: 2,
  });
  expect(parameterCount(config)).toBe(494_032_768);
});

test("a decoder refuses parameters of another shape", () => {
  using decoder = tinyDecoder();
  expect(() => new Decoder(tinyConfig({ hidden_size: 64 }), decoder.parameters)).toThrow(
    /embed_tokens\.weight must have shape \[160, 64\], got \[160, 32\]/,
  );
});
