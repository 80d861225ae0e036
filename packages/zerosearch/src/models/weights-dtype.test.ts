import { rmSync } from "node:fs";
import { join } from "node:path";
import { loadDecoder, writeSafetensors } from "@zerosearch/lm";
import type { Dtype } from "@zerosearch/torch";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tinyModelFolder } from "./testing/tiny-model-folder.ts";
import { weightsDtype } from "./weights-dtype.ts";

let folder = "";
beforeEach(() => {
  folder = tinyModelFolder(false);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Casts the embedding to one dtype and all other weights to another. */
function cast(embedding: Dtype, others: Dtype): void {
  using decoder = loadDecoder(folder);
  const tensors = [...decoder.parameters].map(
    ([name, weight]) => [name, weight.to(name === "model.embed_tokens.weight" ? embedding : others)] as const,
  );
  writeSafetensors(join(folder, "model.safetensors"), tensors);
  for (const [, tensor] of tensors) tensor.dispose();
}

test.each<[Dtype, Dtype, Dtype | undefined, Dtype]>([
  ["bfloat16", "float32", undefined, "bfloat16"],
  ["float32", "bfloat16", undefined, "float32"],
  ["float32", "float64", undefined, "float32"],
  ["bfloat16", "float32", "float16", "float16"],
])(
  "an embedding of %s among weights of %s, asked for %s: the model is loaded in %s",
  (embedding, others, asked, is) => {
    cast(embedding, others);
    expect(weightsDtype(folder, asked)).toBe(is);
    using loaded = loadDecoder(folder, asked && { dtype: asked });
    expect([...new Set([...loaded.parameters.values()].map(({ dtype }) => dtype))]).toEqual([is]);
  },
);
