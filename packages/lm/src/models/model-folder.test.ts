import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allocatedBytes, type Dtype, full, type Tensor, tidy } from "@zerosearch/torch";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ModelFileError } from "../errors.ts";
import { tinyDecoder } from "../testing/tiny-decoder.ts";
import { writeSafetensors } from "../weights/write-safetensors.ts";
import { loadDecoder, saveDecoder } from "./model-folder.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-model-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Saves a tiny model, each of whose weights `change` may replace. */
function save(change: (name: string, weight: Tensor) => Tensor, vocabularySize = 160): void {
  using decoder = tinyDecoder(1, { vocab_size: vocabularySize }, "bfloat16");
  saveDecoder(folder, decoder);
  tidy(() => {
    const changed = [...decoder.parameters].map(([name, weight]) => [name, change(name, weight)] as const);
    writeSafetensors(join(folder, "model.safetensors"), changed);
  });
}

/** A third is no number of bfloat16: cast from float32 to that, it is rounded. */
const floatNorms = (name: string, weight: Tensor): Tensor =>
  name.includes("norm") ? full(weight.shape, 1 / 3, { dtype: "float32" }) : weight;

test.each<[Dtype, string, Dtype | undefined, number]>([
  ["bfloat16", "norms of float32 beside an embedding of bfloat16", undefined, 171 / 512],
  ["float32", "the same where float32 is asked for", "float32", Math.fround(1 / 3)],
])("weights are all %s: %s", (expected, _, asked, third) => {
  save(floatNorms);
  using decoder = loadDecoder(folder, asked && { dtype: asked });
  expect(new Set([...decoder.parameters.values()].map(({ dtype }) => dtype))).toEqual(new Set([expected]));
  expect(decoder.parameter("model.norm.weight").toNumbers()).toEqual(Array(32).fill(third));
});

test("weights are all of the embedding's dtype, also where it is the wider one", () => {
  save((name, weight) => (name === "model.embed_tokens.weight" ? weight.to("float32") : weight));
  using decoder = loadDecoder(folder);
  expect(new Set([...decoder.parameters.values()].map(({ dtype }) => dtype))).toEqual(new Set(["float32"]));
});

test("only weights of another dtype are copied: the rest stays in the file", () => {
  save(floatNorms, 50_000);
  const embeddingBytes = 50_000 * 32 * 2;
  const takenBy = (dtype: Dtype): number => {
    const before = allocatedBytes();
    using decoder = loadDecoder(folder, { dtype });
    expect(decoder.embeddings.dtype).toBe(dtype);
    return allocatedBytes() - before;
  };
  expect(takenBy("bfloat16")).toBeLessThan(0.1 * embeddingBytes);
  expect(takenBy("float32")).toBeGreaterThan(1.5 * embeddingBytes);
});

test.each<[string, Dtype, Dtype | undefined]>([
  ["model.layers.1.self_attn.q_proj.weight", "int64", undefined],
  ["model.layers.0.mlp.up_proj.weight", "int8", "float32"],
  ["model.embed_tokens.weight", "bool", undefined],
])("%s of %s is an error that names the folder, the weight and its dtype", (wrong, stored, asked) => {
  save((name, weight) => (name === wrong ? weight.to(stored) : weight));
  const load = (): unknown => loadDecoder(folder, asked && { dtype: asked });
  expect(load).toThrow(ModelFileError);
  expect(load).toThrow(`${folder}: the weights don't fit`);
  expect(load).toThrow(`${wrong} is ${stored}, expected one of float32, bfloat16, float16, float64`);
});
