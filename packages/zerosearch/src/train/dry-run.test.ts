import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { liveTensorCount } from "@zerosearch/torch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DryRun, dryRun } from "./dry-run.ts";
import { type ToyWorld, toyConfig, writeToyWorld } from "./testing/toy-world.ts";

let folder = "";
let world: ToyWorld;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-dry-run-"));
  world = await writeToyWorld(folder, 0);
});
afterAll(() => rmSync(folder, { recursive: true }));

const dry = (changes: object = {}): Promise<DryRun> => dryRun(toyConfig(world, changes));

/** By hand, E = 32: embeddings; per layer q, k and v with biases, o, three matrices of 64, two norms; the last norm. */
function parameterCount(): number {
  const { vocab_size } = JSON.parse(readFileSync(join(world.model, "config.json"), "utf8")) as { vocab_size: number };
  const layer = 32 * 32 + 32 + 2 * (16 * 32 + 16) + 32 * 32 + 3 * 64 * 32 + 2 * 32;
  return vocab_size * 32 + 2 * layer + 32;
}

/** Of every matrix, its outputs filled up to 64: the embedding, which gives logits; q, k, v, o; gate, up, down. */
function packedBytes(): number {
  const { vocab_size } = JSON.parse(readFileSync(join(world.model, "config.json"), "utf8")) as { vocab_size: number };
  const layer = 4 * 64 * 32 + 2 * 64 * 32 + 64 * 64;
  return 4 * (64 * Math.ceil(vocab_size / 64) * 32 + 2 * layer);
}

test("it counts what the run would do", async () => {
  const before = liveTensorCount();
  const plan = await dry({ steps: 4, questionsPerStep: 3, groupSize: 8 });
  expect(plan).toMatchObject({ questions: 6, skippedRows: 0, epochs: 2, rolloutsPerStep: 24 });
  expect(plan.parameters).toBe(parameterCount());
  expect(plan.firstPrompt.text).toMatch(/^Question: what colour is \w+\?\n$/);
  // three turns of 10 tokens, two pages of 40
  expect(plan.longestRollout).toBe(plan.firstPrompt.tokens.length + 30 + 80);
  expect(liveTensorCount()).toBe(before);
});

test("no rollout is longer than the model's positions", async () => {
  const { limits } = toyConfig(world);
  expect((await dry({ limits: { ...limits, maxTurnTokens: 500 } })).longestRollout).toBe(256);
});

const WEIGHTS = {
  float64: { weights: 8, optimizer: 16, gradients: 8 },
  float32: { weights: 4, optimizer: 8, gradients: 4 },
  // two moments and the master weights in float32
  bfloat16: { weights: 2, optimizer: 12, gradients: 4 },
};

test.each(Object.entries(WEIGHTS))("memory of GRPO in %s, by hand", async (dtype, bytes) => {
  const { memory, longestRollout } = await dry({ model: { ...toyConfig(world).model, dtype } });
  const count = parameterCount();
  expect(memory).toEqual({
    weights: bytes.weights * count,
    "packed weights": dtype === "float32" ? packedBytes() : 0,
    optimizer: bytes.optimizer * count,
    gradients: bytes.gradients * count,
    reference: bytes.weights * count,
    critic: 0,
    // 48 rollouts; keys and values of one head of 16 in two layers; 16 bits are widened
    cache: 48 * longestRollout * 2 * 2 * 16 * Math.max(4, bytes.weights),
  });
});

test("weights can be there once", async () => {
  const { memory } = await dry({ model: { ...toyConfig(world).model, packWeights: false } });
  expect(memory["packed weights"]).toBe(0);
});

test("a critic learns as well, a reference is only there for KL, and the cache has its bound", async () => {
  const model = { ...toyConfig(world).model, maxCacheTokens: 100 };
  const { memory } = await dry({ algorithm: "ppo", objective: { klCoefficient: 0 }, model });
  expect(memory).toMatchObject({ reference: 0, critic: 12 * parameterCount(), cache: 100 * 2 * 2 * 16 * 4 });
});

test("it fails as the run would", async () => {
  await expect(dry({ questionsPerStep: 7 })).rejects.toThrow("questionsPerStep is 7, but there are 6 questions");
  const nowhere = { engine: "local", index: join(folder, "none") };
  await expect(dry({ search: nowhere })).rejects.toThrow(/none: there is no such file/);
  const evaluation = { name: "real", files: [world.questions], search: nowhere };
  await expect(dry({ evaluations: [evaluation] })).rejects.toThrow(/none: there is no such file/);
  await expect(dry({ model: { path: join(folder, "no-model") } })).rejects.toThrow(/no-model/);
  const wandb = { wandb: { project: "p" } };
  await expect(dryRun(toyConfig(world, { trackers: wandb }), { environment: {} })).rejects.toThrow(/WANDB_API_KEY/);
});
