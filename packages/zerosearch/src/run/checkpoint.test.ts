import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decoder, initialParameters, loadDecoder, parseDecoderConfig, saveDecoder } from "@zerosearch/lm";
import { Generator, liveTensorCount, setThreads, type Tensor, tensor, tidy } from "@zerosearch/torch";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AdamW } from "../update/optimizer.ts";
import {
  type CheckpointParts,
  checkpointModelFolder,
  readCheckpointState,
  withCheckpointTensors,
  writeCheckpointParts,
} from "./checkpoint.ts";
import { findLastGoodCheckpoint, saveToStore } from "./checkpoint-store.ts";

setThreads(1);

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "zerosearch-checkpoint-"));
});
afterEach(() => rmSync(root, { recursive: true }));

const values = (one: Tensor): number[] => [...one.toTypedArray()].map(Number);

test("model, optimizer, random state and numbers come back to the bit", async () => {
  const before = liveTensorCount();
  const config = parseDecoderConfig(
    {
      model_type: "qwen2",
      vocab_size: 16,
      hidden_size: 16,
      intermediate_size: 32,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      max_position_embeddings: 64,
      rms_norm_eps: 1e-6,
    },
    "this test",
  );
  using generator = new Generator(1);
  const decoder = new Decoder(config, initialParameters(config, generator));
  const optimizer = new AdamW(decoder.parameters);
  tidy(() => {
    optimizer.step(
      optimizer.parameters.map((parameter) => parameter.mul(0.1)),
      0.01,
    );
  });
  const randomState = generator.getState();
  const state = {
    step: 4,
    optimizerSteps: optimizer.stepCount,
    klCoefficient: 0.1 + 0.2,
    worst: Number.NEGATIVE_INFINITY,
  };
  await saveToStore(root, {
    step: 4,
    keepLast: 1,
    write: (folder) =>
      writeCheckpointParts(folder, {
        models: [{ name: "policy", save: (to) => saveDecoder(to, decoder) }],
        tensors: { optimizer: optimizer.tensors(), random: [["policy", randomState]] },
        state,
      }),
  });

  const path = findLastGoodCheckpoint(root).checkpoint?.path ?? "";
  expect(readCheckpointState(path)).toEqual(state);
  const loaded = loadDecoder(checkpointModelFolder(path, "policy"));
  for (const [name, parameter] of decoder.parameters) {
    const found = loaded.parameters.get(name);
    expect(found && values(found)).toEqual(values(parameter));
  }
  const restored = new AdamW(loaded.parameters);
  withCheckpointTensors(path, "optimizer", (tensors) => restored.restore(tensors, optimizer.stepCount));
  const [moments, expected] = [restored, optimizer].map((one) => one.tensors().map(([, moment]) => values(moment)));
  expect(moments).toEqual(expected);
  expect(expected?.flat().some((value) => value !== 0)).toBe(true);
  expect(withCheckpointTensors(path, "random", (tensors) => values(tensors.get("policy") as Tensor))).toEqual(
    values(randomState),
  );
  for (const owned of [decoder, loaded, optimizer, restored, randomState]) owned.dispose();
  expect(liveTensorCount()).toBe(before);
});

test("names that would leave the checkpoint's folder are refused", () => {
  using one = tensor([1]);
  for (const name of ["../elsewhere", "", "state.json", "a/b"]) {
    const parts: CheckpointParts = { models: [], tensors: { [name]: [["x", one]] }, state: {} };
    expect(() => writeCheckpointParts(root, parts)).toThrow(/named by letters/);
  }
});
