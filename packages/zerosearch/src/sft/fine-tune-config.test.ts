import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { applyOverrides, parseConfig } from "../core/config-overrides.ts";
import { fineTuneConfigSchema } from "./fine-tune-config.ts";
import { fineTuneTokenizer } from "./fine-tuned-model.ts";
import { planFineTuning } from "./plan-fine-tuning.ts";
import { CITIES, INSTRUCTION, pageOf, sceneConfig } from "./testing/fine-tune-scene.ts";

const LEAST = { model: { path: "m" }, data: { files: ["a.jsonl"] }, epochs: 1 };

const parse = (overrides: string[], base: object = LEAST) =>
  parseConfig(fineTuneConfigSchema, applyOverrides(base, overrides), "sft.json");

test("a model, a file and a length are enough; the command line changes any setting", () => {
  expect(parse([])).toMatchObject({
    model: { weights: "load", device: "cpu" },
    data: { files: ["a.jsonl"], validation: { share: 0.05 }, overLong: "error" },
    optimizer: { lr: 1e-5, decay: "constant", beta2: 0.999 },
    save: { every: 500, keepLast: 2 },
  });
  const args = ["--data.files", "b.json", "c.json", "--optimizer.lr", "1e-6", "--data.balance.useful", "1"];
  expect(parse([...args, "--data.balance.noisy=2", "--data.validation.files", "v.jsonl"])).toMatchObject({
    data: { files: ["b.json", "c.json"], balance: { useful: 1, noisy: 2 }, validation: { files: ["v.jsonl"] } },
    optimizer: { lr: 1e-6 },
  });
  expect(parse(["--epochs", "null", "--steps", "1000"])).toMatchObject({ steps: 1000 });
  expect(parse(["--data.files", "one.json"], { ...LEAST, data: {} }).data.files).toEqual(["one.json"]);
});

const WRONG: [overrides: string[], message: RegExp][] = [
  [["--model.path", "null"], /sft\.json: model\.path is missing/],
  [["--data.files", "[]"], /data\.files is \[\]/],
  [["--data.validation.share", "1"], /data\.validation\.share is 1/],
  [["--data.validation", '{"share":0.1,"files":["a"]}'], /data\.validation/],
  [["--data.maxToken", "5"], /data\.maxToken is no setting; did you mean data\.maxTokens\?/],
  [["--data.overLong", "cut"], /data\.overLong is "cut"/],
  [["--data.balance.useful", "1"], /data\.balance\.noisy is missing/],
  [["--steps", "5"], /epochs is 1: exactly one of epochs and steps/],
  [["--epochs", "null"], /epochs is missing: exactly one of epochs and steps/],
  [["--epochs", "0"], /epochs is 0/],
  [["--optimizer.lr", "-1"], /optimizer\.lr is -1/],
  [["--optimizer.learningRate", "1"], /optimizer\.learningRate is no setting/],
  [["--optimizer.decay", "step"], /optimizer\.decay is "step"/],
  [["--tokensPerBatch", "0.5"], /tokensPerBatch is 0\.5/],
  [["--model.dtype", "int8"], /model\.dtype is "int8"/],
  [["--save.every", "0"], /save\.every is 0/],
  [["--trackers", "wandb"], /trackers is no setting/],
];

test.each(WRONG)("a setting that can't be is refused by its name: %j", (overrides, message) => {
  expect(() => parse(overrides)).toThrow(message);
});

test("a plan counts what a run would do, and refuses what can't be", async () => {
  const folder = mkdtempSync(join(tmpdir(), "zerosearch-sft-plan-"));
  try {
    const config = sceneConfig(folder, { steps: undefined, epochs: 2 });
    const plan = await planFineTuning(config);
    // 12 of the 60 rows are held back.
    expect(plan).toMatchObject({ trainRecords: 48, validationRecords: 12, skippedRecords: 0, epochs: 2 });
    expect(plan.learnedTokens).toBeLessThan(plan.tokens);
    expect(plan.steps).toBeGreaterThanOrEqual(Math.ceil(plan.tokens / 400));
    const city = CITIES.find((each) => plan.first.prompt.endsWith(each)) ?? "";
    expect(plan.first).toEqual({ prompt: `${INSTRUCTION}: ${city}`, completion: `${pageOf(city)}<|end|>` });
    // Embeddings 304 × 32; a layer of q, k, v with biases, o, the MLP and two norms; the last norm.
    const layer = 32 * 32 + 32 + 2 * (32 * 16 + 16) + 32 * 32 + 3 * 32 * 64 + 2 * 32;
    expect(plan.parameters).toBe(304 * 32 + layer + 32);
    expect(plan.memoryBytes).toBe(16 * plan.parameters);

    expect(() => fineTuneTokenizer({ ...config, data: { ...config.data, maxTokens: 129 } })).toThrow(
      /data\.maxTokens is 129, but the model in .* has 128 positions/,
    );
    const short = { ...config, data: { ...config.data, maxTokens: 3, overLong: "skip" as const } };
    await expect(planFineTuning(short)).rejects.toThrow(/no record has at most 3 tokens/);
    writeFileSync(join(folder, "records.jsonl"), '{"prompt":"p"}\n');
    await expect(planFineTuning(config)).rejects.toThrow(/records\.jsonl: rows must have prompt and completion/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
