import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDecoder, loadTokenizer, readGenerationConfig } from "@zerosearch/lm";
import { liveTensorCount, setThreads } from "@zerosearch/torch";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadAgent } from "../models/agent.ts";
import { agentConfigSchema } from "../models/agent-config.ts";
import { stepsIn } from "../run/checkpoint-store.ts";
import { readMetrics } from "../run/metrics-log.ts";
import { RUN_FILES, type SkippedUpdateLine } from "../run/run-files.ts";
import { readSkippedUpdates } from "../run/skipped-update-log.ts";
import { fineTune } from "./fine-tune.ts";
import { CITIES, INSTRUCTION, pageOf, sceneConfig, writeRecords } from "./testing/fine-tune-scene.ts";
import { validationLoss } from "./validation-loss.ts";

setThreads(1);

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-sft-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const run = (name: string): string => join(folder, name);

const hashOf = (path: string): string =>
  createHash("sha256")
    .update(readFileSync(join(path, "model.safetensors")))
    .digest("hex");

/** Metrics of every step, without those that tell the time. */
async function metricsOf(path: string): Promise<[number, Record<string, number>][]> {
  const lines: [number, Record<string, number>][] = [];
  for await (const { step, metrics } of readMetrics(join(path, "metrics.jsonl"))) {
    const untimed = Object.entries(metrics).filter(([name]) => !/^(timing_s|perf)\//.test(name));
    lines.push([step, Object.fromEntries(untimed)]);
  }
  return lines;
}

test("a model learns, also what was held back; what comes of it answers as an agent", async () => {
  const before = liveTensorCount();
  const result = await fineTune(sceneConfig(folder), { path: run("a"), resume: false });
  expect(liveTensorCount()).toBe(before);
  expect(result).toMatchObject({ step: 80, totalSteps: 80, outcome: "finished", model: run("a/model") });

  const metrics = await metricsOf(run("a"));
  expect(metrics.map(([step]) => step)).toEqual(Array.from({ length: 81 }, (_, i) => i));
  // Nothing known of 304 tokens is ln 304 = 5.72 nats each.
  expect(metrics[0]?.[1]["val/loss"]).toBeGreaterThan(5);
  expect(metrics[80]?.[1]["val/loss"]).toBeLessThan(0.1);
  expect(result.validationLoss).toBe(metrics[80]?.[1]["val/loss"]);
  expect(metrics[1]?.[1]["train/lr"]).toBeCloseTo(0.01 / 4, 12);

  using agent = loadAgent(agentConfigSchema.parse({ path: result.model, prompt: "{question}", numerics: "fast" }));
  expect(agent.stopIds).toEqual([agent.tokenizer.eosId]);
  const prompt = agent.tokenizer.encode(`${INSTRUCTION}: lima`, { allowSpecial: false });
  const text = agent.policy.open();
  const { tokens } = await text.continue(prompt, { maxTokens: 40, temperature: 0, stopIds: agent.stopIds }).result;
  text.dispose();
  const ids = tokens.map(({ id }) => id);
  expect(agent.tokenizer.decode(ids, { skipSpecial: true })).toBe(pageOf("lima"));
});

test("prompts are read, not learned", async () => {
  const config = sceneConfig(folder);
  const tokenizer = loadTokenizer(config.model.path);
  const prompts = CITIES.map((city) => {
    const tokens = tokenizer.encode(`${INSTRUCTION}: ${city}`, { allowSpecial: false });
    return { tokens, weights: tokens.map((_, i) => (i === 0 ? 0 : 1)) };
  });
  const lossOfPrompts = async (model: string): Promise<number> => {
    using decoder = loadDecoder(model);
    return await validationLoss(decoder, prompts, { numerics: decoder.numerics("fast"), tokensAtOnce: 100 });
  };
  const { model = "" } = await fineTune(config, { path: run("a"), resume: false });
  // The same few words 80 times over: were they learned, their loss would be that of the city alone.
  expect(await lossOfPrompts(model)).toBeGreaterThan(5);
});

const INTERRUPTED: [name: string, changes: object][] = [
  ["float32", {}],
  ["bfloat16 with float32 master weights", { dtype: "bfloat16" }],
];

test.each(INTERRUPTED)(
  "a run that is stopped and one that dies end with the bits of one that did neither: %s",
  async (_, model) => {
    const base = sceneConfig(folder);
    const config = {
      ...base,
      steps: 14,
      validateEvery: 4,
      save: { every: 5, keepLast: 2 },
      model: { ...base.model, ...model },
    };
    await fineTune(config, { path: run("whole"), resume: false });

    const stop = { isRequested: false };
    const onStep = ({ step }: { step: number }): void => {
      stop.isRequested = step === 3;
      if (step === 12) throw new Error("the power is gone");
    };
    const path = run("broken");
    const stopped = await fineTune(config, { path, resume: false, stop, onStep });
    expect(stopped).toEqual({ step: 3, totalSteps: 14, outcome: "stopped", validationLoss: expect.any(Number) });
    expect(existsSync(join(path, "model"))).toBe(false);
    await expect(fineTune(config, { path, resume: true, onStep })).rejects.toThrow("the power is gone");
    expect(stepsIn(join(path, "checkpoints"))).toEqual([5, 10]);
    const resumed = await fineTune(config, { path, resume: true });

    expect(resumed.outcome).toBe("finished");
    expect(hashOf(run("broken/model"))).toBe(hashOf(run("whole/model")));
    expect(await metricsOf(path)).toEqual(await metricsOf(run("whole")));
    expect(readGenerationConfig(run("broken/model"))).toEqual(readGenerationConfig(run("whole/model")));
  },
);

test("a finished run that is resumed has nothing to do, and writes its model again if that is gone", async () => {
  const config = sceneConfig(folder, { steps: 2 });
  const { model = "" } = await fineTune(config, { path: run("a"), resume: false });
  const hash = hashOf(model);
  rmSync(model, { recursive: true });
  expect(await fineTune(config, { path: run("a"), resume: true })).toMatchObject({ step: 2, outcome: "finished" });
  expect(hashOf(model)).toBe(hash);
});

test("the checkpoint of the least validation loss stays", async () => {
  // A rate that breaks what was learned: the loss falls for some steps and then rises.
  const config = sceneConfig(folder, {
    steps: 12,
    validateEvery: 4,
    save: { every: 4, keepLast: 1 },
    optimizer: { lr: 0.3, warmupSteps: 12 },
  });
  const { bestStep } = await fineTune(config, { path: run("a"), resume: false });
  const losses = new Map(
    (await metricsOf(run("a"))).flatMap(([step, { "val/loss": loss }]) => (loss ? [[step, loss]] : [])),
  );
  losses.delete(0);
  const [least] = [...losses].sort(([, a], [, b]) => a - b)[0] ?? [];
  expect(least).not.toBe(12);
  expect(bestStep).toBe(least);
  expect(stepsIn(run("a/checkpoints"))).toEqual([...new Set([least, 12])]);
});

test("micro-batches change what is held at once, not what is learned", async () => {
  const config = sceneConfig(folder, { steps: 3 });
  const small = { ...config, update: { ...config.update, tokensPerMicroBatch: 60 } };
  await fineTune(config, { path: run("at once"), resume: false });
  await fineTune(small, { path: run("in parts"), resume: false });
  const [whole, parts] = [await metricsOf(run("at once")), await metricsOf(run("in parts"))];
  expect(parts[3]?.[1]["train/micro_batches"]).toBeGreaterThan(3);
  expect(whole[3]?.[1]["train/micro_batches"]).toBe(1);
  for (const [i, [, metrics]] of whole.entries()) {
    for (const name of ["train/loss", "train/grad_norm", "val/loss"]) {
      if (metrics[name] !== undefined) expect(parts[i]?.[1][name]).toBeCloseTo(metrics[name], 4);
    }
  }
});

test("steps that come to no number are skipped, told, and not borne for ever", async () => {
  const base = sceneConfig(folder, { steps: 9, optimizer: { lr: 1e30 } });
  const config = { ...base, update: { ...base.update, mostSkippedInARow: 2 } };
  const notes: string[] = [];
  const failing = fineTune(config, { path: run("a"), resume: false, onNote: (note) => notes.push(note) });
  await expect(failing).rejects.toThrow(/3 updates of the policy in a row were not finite/);
  expect(notes).toHaveLength(3);
  expect(notes[0]).toMatch(/^step \d+ was skipped: loss NaN/);
  const dumped: SkippedUpdateLine[] = [];
  for await (const line of readSkippedUpdates(join(run("a"), RUN_FILES.skippedUpdates))) dumped.push(line);
  expect(dumped).toHaveLength(3);
  expect(dumped[0]).toMatchObject({ model: "policy", loss: Number.NaN, batch: { records: expect.any(Array) } });
});

test("a run whose data has changed is not resumed", async () => {
  const config = sceneConfig(folder, { steps: 4 });
  const stop = { isRequested: false };
  const onStep = (): void => {
    stop.isRequested = true;
  };
  await fineTune(config, { path: run("a"), resume: false, stop, onStep });
  writeRecords(config.data.files[0] ?? "", 61);
  await expect(fineTune(config, { path: run("a"), resume: true })).rejects.toThrow(
    /a data file or the tokenizer has changed/,
  );
});
