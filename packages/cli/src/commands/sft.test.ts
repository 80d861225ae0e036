import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDecoder, loadTokenizer, trainBpe } from "@zerosearch/lm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCli } from "../testing/run-cli.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-cli-sft-"));
  trainBpe({ texts: ["ask and answer"], vocabularySize: 260, specialTokens: ["<end>"], eosToken: "<end>" }).save(
    folder,
  );
  const model = {
    model_type: "llama",
    vocab_size: 264,
    hidden_size: 16,
    intermediate_size: 32,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    max_position_embeddings: 64,
    rms_norm_eps: 1e-6,
    initializer_range: 0.1,
  };
  writeFileSync(join(folder, "config.json"), JSON.stringify(model));
  const rows = Array.from({ length: 20 }, (_, i) => ({ instruction: `ask ${i}`, output: "answer" }));
  writeFileSync(join(folder, "records.json"), JSON.stringify(rows));
  const config = {
    model: { path: folder, weights: "fresh" },
    data: { files: [join(folder, "records.json")], maxTokens: 64 },
    steps: 6,
    tokensPerBatch: 100,
    optimizer: { lr: 0.01 },
  };
  writeFileSync(join(folder, "sft.json"), JSON.stringify(config));
});
afterEach(() => rmSync(folder, { recursive: true }));

const sft = (args: readonly string[], onStderr?: (text: string) => void) =>
  runCli(
    ["sft", "--config", join(folder, "sft.json"), "--runs", join(folder, "runs"), "--threads", "1", ...args],
    onStderr,
  );

test("a model is fine-tuned from the command line, through an interruption, into a folder that loads", async () => {
  const interrupted = await sft(["--name", "a", "--optimizer.lr", "0.02"], (text) => {
    if (text.startsWith("step 2/6")) process.emit("SIGINT", "SIGINT");
  });
  expect(interrupted).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^stopped after step 2 of 6, saved in /),
  });
  expect(interrupted.stderr).toContain("finishing this step and saving");

  const other = await sft(["--name", "a", "--resume"]);
  expect(other).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("optimizer.lr: 0.02 → 0.01") });

  const resumed = await sft(["--name", "a", "--resume", "--optimizer.lr", "0.02"]);
  expect(resumed.stderr.match(/^step \d\/6/gm)).toEqual(["step 3/6", "step 4/6", "step 5/6", "step 6/6"]);
  const model = join(folder, "runs/a/model");
  expect(resumed.stdout).toMatch(/^finished 6 steps, validation loss \d\.\d{4}: the model is /);
  expect(resumed.stdout).toContain(model);
  expect(readdirSync(model).sort()).toEqual(
    expect.arrayContaining(["config.json", "generation_config.json", "model.safetensors", "tokenizer.json"]),
  );
  using decoder = loadDecoder(model);
  expect(decoder.config.family).toBe("llama");
  expect(loadTokenizer(model).eosId).toBe(loadTokenizer(folder).eosId);
});

test("a dry run counts and shows, and makes no folder", async () => {
  const { stdout, stderr, exitCode } = await sft(["--dry-run", "--steps", "null", "--epochs", "3"]);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ epochs: 3, tokensPerBatch: 100, seed: 42 });
  expect(stderr).toMatch(/19 to learn from, 1 for validation/);
  expect(stderr).toMatch(/is answered.*answer<end>/);
  expect(readdirSync(folder)).not.toContain("runs");
});

test("a mistake is one line that names the setting, and nothing is begun", async () => {
  const { stderr, exitCode } = await sft(["--optimiser.lr", "1"]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^ConfigError: .*optimiser is no setting; did you mean optimizer\?\n$/);
  expect(readdirSync(folder)).not.toContain("runs");
});
