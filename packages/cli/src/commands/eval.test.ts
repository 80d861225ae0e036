/** Evaluation, comparison and asking as a user has them, with a random model. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decoder, initialParameters, parseDecoderConfig, saveDecoder, trainBpe } from "@zerosearch/lm";
import { Generator } from "@zerosearch/torch";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCli } from "../testing/run-cli.ts";

let folder = "";
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-cli-eval-"));
  const tags = ["<search>", "</search>", "<answer>", "</answer>"].map((tag) => `a${tag} `.repeat(300));
  const tokenizer = trainBpe({
    texts: tags,
    vocabularySize: 290,
    specialTokens: ["<end>"],
    eosToken: "<end>",
    splitPattern: "[a-z]?</?(?:search|answer)>|\\s|[^\\s<]+|<",
  });
  const config = {
    model_type: "llama",
    vocab_size: 296,
    hidden_size: 16,
    intermediate_size: 32,
    num_hidden_layers: 1,
    num_attention_heads: 2,
    max_position_embeddings: 512,
    rms_norm_eps: 1e-6,
    initializer_range: 0.2,
  };
  const parsed = parseDecoderConfig(config, "config.json");
  using generator = new Generator(0);
  using decoder = new Decoder(parsed, initialParameters(parsed, generator));
  saveDecoder(at("model"), decoder, { generation: { eos_token_id: tokenizer.eosId } });
  tokenizer.save(at("model"));
  const lines = Array.from({ length: 6 }, (_, i) => JSON.stringify({ question: `who is ${i}`, answers: [`a${i}`] }));
  writeFileSync(at("questions.jsonl"), lines.join("\n"));
  writeFileSync(at("corpus.txt"), "a passage\nanother passage\n");
  writeFileSync(at("prompt.txt"), "Q: {question}\n");
  await runCli(["index", at("corpus.txt"), "--out", at("wiki.index")]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const evaluate = (name: string, ...args: string[]) => {
  const settings = ["--model.path", at("model"), "--model.prompt", "Q: {question}", "--temperature", "1"];
  const search = [
    "--search.engine",
    "local",
    "--search.index",
    at("wiki.index"),
    "--data.files",
    at("questions.jsonl"),
  ];
  const limits = ["--limits.maxTurns", "2", "--limits.maxTurnTokens", "8", "--limits.answerReserve", "8"];
  return runCli(["eval", "--out", at(name), "--threads", "1", ...settings, ...search, ...limits, ...args]);
};

test("an evaluation is made, repeated from its own configuration, compared and scored", async () => {
  const first = await evaluate("first");
  expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^questions +6 +0\.0 \(0\.0–39\.0\)/mu) });
  expect(first.stderr).toMatch(/^6\/6 {2}exact match 0\.000/mu);
  expect(readFileSync(at("first/result.md"), "utf8")).toContain("| questions | 6 |");

  const again = await runCli([
    "eval",
    "--config",
    at("first/config.json"),
    "--out",
    at("again"),
    "--json",
    "--threads",
    "1",
  ]);
  expect(JSON.parse(again.stdout)).toMatchObject({ questions: 6, failed: 0, engine: { name: "local" } });
  expect(readFileSync(at("again/predictions.jsonl"), "utf8")).toBe(readFileSync(at("first/predictions.jsonl"), "utf8"));
  const compared = await runCli(["compare", at("first"), at("again"), "--json"]);
  expect(JSON.parse(compared.stdout)).toMatchObject({ questions: 6, engineDifferences: [], f1: { pValue: 1 } });
  const scored = await runCli(["score", at("first/predictions.jsonl"), "--json"]);
  expect(JSON.parse(scored.stdout)).toMatchObject({ n: 6, exactMatch: 0 });
});

test("what is there is not overwritten, and a mistake is explained before anything is made", async () => {
  await evaluate("kept");
  expect(await evaluate("kept")).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("--resume") });
  const typo = await evaluate("typo", "--limits.maxTurn", "3");
  expect(typo).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("did you mean limits.maxTurns?") });
  const keyless = await evaluate("keyless", "--search.index", "null", "--search.engine", "tavily");
  expect(keyless).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("TAVILY_API_KEY") });
  expect(existsSync(at("typo")) || existsSync(at("keyless"))).toBe(false);
});

test("comparing other questions, or by other engines, is said", async () => {
  await evaluate("all");
  await evaluate("direct", "--baseline", "direct");
  await evaluate("three", "--maxQuestions", "3");
  const refused = await runCli(["compare", at("all"), at("three")]);
  expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("3 match by id") });
  const warned = await runCli(["compare", at("all"), at("direct")]);
  expect(warned).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^questions +6 +exact match/mu) });
  expect(warned.stderr).toMatch(/the engines differ.* {2}name: "local" → "none"/su);
});

test("a question is answered in sight, documents and answer as plain text", async () => {
  const flags = [
    "--model",
    at("model"),
    "--search",
    `local:${at("wiki.index")}`,
    "--prompt",
    at("prompt.txt"),
    "--threads",
    "1",
  ];
  const asked = await runCli(["ask", "who is it", ...flags, "--temperature", "1", "--max-turns", "1"]);
  expect(asked.exitCode).toBe(0);
  expect(asked.stdout.trimEnd().split("\n").at(-1)).toMatch(/^(?:answer|no answer) /u);
  expect(asked.stdout).not.toContain("\u001b");
  const json = await runCli(["ask", "who is it", ...flags, "--max-turns", "1", "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({ question: "who is it", searches: expect.any(Array) });
});
