/** Published questions, a random model of Qwen2's shape and a chat server that simulates: training as a user runs it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Decoder, initialParameters, loadDecoder, parseDecoderConfig, saveDecoder, trainBpe } from "@zerosearch/lm";
import { Generator } from "@zerosearch/torch";
import {
  AGENT_PROMPT,
  INVALID_ACTION,
  Run,
  readMetrics,
  readTrajectories,
  searchesOf,
  type Trajectory,
  versions,
} from "@zerosearch/zerosearch";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { runCli } from "../testing/run-cli.ts";

const FIXTURES = fileURLToPath(new URL("../../../../test/fixtures/questions/", import.meta.url));
const FILES = ["nq-open.jsonl", "hotpotqa.json", "bamboogle.csv"].map((name) => join(FIXTURES, name));
const END = "<|im_end|>";
const CHAT_TEMPLATE =
  "{% for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

let folder = "";
let simulator: Server;
/** Bodies and keys of what the simulator was asked. */
const asked: { readonly body: string; readonly authorization: string | undefined }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-cli-train-"));
  writeModel(join(folder, "model"));
  simulator = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    asked.push({ body, authorization: request.headers.authorization });
    const content = `Doc 1: ${body.length} characters\nDoc 2: a`;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }] }),
    );
  });
  await new Promise<void>((resolve) => simulator.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(simulator.address() as AddressInfo).port}/v1`;
  const config = {
    model: { path: join(folder, "model") },
    data: { files: FILES },
    search: {
      engine: "simulator",
      model: { kind: "endpoint", urls: [url], apiKeyVariable: "SIMULATOR_KEY" },
      prompt: "instruct",
      gate: "none",
    },
    noise: { kind: "success-rate", start: 0.4, end: 1, from: 0, to: 1 },
    steps: 3,
    questionsPerStep: 4,
    groupSize: 2,
    limits: { maxTurns: 2, maxTurnTokens: 24 },
    actor: { lr: 1e-3 },
  };
  writeFileSync(join(folder, "train.json"), JSON.stringify(config));
  vi.stubEnv("SIMULATOR_KEY", "very-secret");
});

afterAll(() => {
  vi.unstubAllEnvs();
  simulator.close();
  rmSync(folder, { recursive: true });
});

/** Its vocabulary is so full of tags that random weights search and answer. */
function writeModel(path: string): void {
  const tags = ["<search>", "</search>", "<answer>", "</answer>"];
  const words = [..."abcdefghijklmnopqrstuvwxyz"].flatMap((letter) => tags.map((tag) => `${letter}${tag} `.repeat(3)));
  const tokenizer = trainBpe({
    texts: [AGENT_PROMPT.repeat(9), INVALID_ACTION.repeat(9), ...tags.map((tag) => `${tag} `.repeat(200)), ...words],
    vocabularySize: 700,
    specialTokens: ["<|im_start|>", END],
    eosToken: END,
    chatTemplate: CHAT_TEMPLATE,
    splitPattern: "[a-z]?</?(?:search|answer)>|\\s|[^\\s<]+|<",
  });
  const shape = {
    model_type: "qwen2",
    vocab_size: tokenizer.vocabularySize,
    hidden_size: 32,
    intermediate_size: 64,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 2048,
    rms_norm_eps: 1e-6,
    tie_word_embeddings: true,
    initializer_range: 0.2,
  };
  const config = parseDecoderConfig(shape, "this test");
  using generator = new Generator(0);
  using decoder = new Decoder(config, initialParameters(config, generator));
  saveDecoder(path, decoder, { generation: { eos_token_id: tokenizer.eosId } });
  tokenizer.save(path);
}

const train = (args: readonly string[], onStderr?: (text: string) => void) =>
  runCli(["train", "--config", join(folder, "train.json"), "--runs", join(folder, "runs"), ...args], onStderr);

async function rolloutsOf(run: string): Promise<Trajectory[]> {
  const found: Trajectory[] = [];
  for await (const { record } of readTrajectories(join(run, "trajectories.jsonl"))) found.push(record.trajectory);
  return found;
}

test("three steps on published questions, and each rollout is played again token for token", async () => {
  const { stdout, stderr, exitCode } = await train(["--name", "a"]);
  expect(exitCode).toBe(0);
  const run = join(folder, "runs/a");
  const policy = join(run, "checkpoints/step-00000003/policy");
  expect(stdout).toBe(`finished 3 steps: the policy is ${policy}\n`);
  expect(stderr.match(/^step \d\/3 {2}reward \d\.\d{3} {2}noise 0\.\d\d/gm)).toHaveLength(3);
  using decoder = loadDecoder(policy);
  expect(decoder.config.family).toBe("qwen2");

  const metrics: Readonly<Record<string, number>>[] = [];
  for await (const line of readMetrics(join(run, "metrics.jsonl"))) metrics.push(line.metrics);
  const rollouts = await rolloutsOf(run);
  expect(rollouts).toHaveLength(3 * 4 * 2);
  expect(metrics.map((step) => step["sampler/logprob_difference_max"])).toEqual([0, 0, 0]);
  const searches = rollouts.flatMap((rollout) =>
    searchesOf(rollout).filter(({ result }) => !result.simulation?.isRepeated),
  );
  expect(asked).toHaveLength(searches.length);
  expect(searches.length).toBeGreaterThan(5);
  expect(asked[0]).toMatchObject({
    authorization: "Bearer very-secret",
    body: expect.stringContaining("You are the Google search engine."),
  });
  for (const name of readdirSync(run).filter((each) => each.endsWith(".json"))) {
    expect(readFileSync(join(run, name), "utf8")).not.toContain("very-secret");
  }

  // The checkpoint before step 1 is there; those before 2 and 3 are trained again.
  for (const step of [1, 2, 3]) {
    const rollout = rollouts.find(({ key, segments }) => key.step === step && segments.length > 2);
    const { questionId = "", sample = 0 } = rollout?.key ?? {};
    const again = await runCli(["replay", run, "--step", `${step}`, "--question", questionId, "--sample", `${sample}`]);
    expect(again).toEqual({
      exitCode: 0,
      stderr: "the same as recorded, token for token\n",
      stdout: `${rollout?.segments.map(({ text }) => text).join("")}\n`,
    });
  }
  expect(readdirSync(join(folder, "runs"))).toEqual(["a"]);
});

test("a replay of what was never asked says so", async () => {
  const run = join(folder, "runs/a");
  const unknown = await runCli(["replay", run, "--step", "1", "--question", "nobody"]);
  expect(unknown).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('hold no question "nobody"') });
  const [first] = await rolloutsOf(run);
  const late = await runCli(["replay", run, "--step", "4", "--question", first?.key.questionId ?? ""]);
  expect(late).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("the run has steps 1 to 3") });
});

test("Ctrl-C finishes the step, saves and exits 0; the run goes on from there, and with no other configuration", async () => {
  const interrupted = await train(["--name", "b"], (text) => {
    if (text.startsWith("step 1/3")) process.emit("SIGINT", "SIGINT");
  });
  expect(interrupted.exitCode).toBe(0);
  expect(interrupted.stderr).toContain("finishing this step and saving; Ctrl-C again stops at once");
  const saved = join(folder, "runs/b/checkpoints/step-00000001");
  expect(interrupted.stdout).toBe(`stopped after step 1, saved in ${saved}: go on with --resume\n`);

  const other = await train(["--name", "b", "--resume", "--actor.lr", "0.5", "--algorithm", "ppo"]);
  expect(other.exitCode).toBe(1);
  expect(other.stderr).toContain(
    'begun with another configuration:\n  actor.lr: 0.001 → 0.5\n  algorithm: "grpo" → "ppo"\n',
  );
  expect((await train(["--name", "b"])).stderr).toContain("continue it with --resume");

  const resumed = await train(["--name", "b", "--resume"]);
  expect(resumed.stdout).toMatch(/^finished 3 steps/);
  expect(resumed.stderr.match(/^step \d/gm)).toEqual(["step 2", "step 3"]);
  const weights = (name: string): Buffer =>
    readFileSync(join(folder, "runs", name, "checkpoints/step-00000003/policy/model.safetensors"));
  expect(weights("b").equals(weights("a"))).toBe(true);
});

test("a folder that is in use is refused, and who uses it is told", async () => {
  const path = join(folder, "runs/busy");
  using _ = new Run({ path, config: {}, resume: false, seed: 0, versions: versions() });
  const { exitCode, stderr } = await train(["--name", "busy"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain(`RunError: the run is in use by process ${process.pid}`);
});

test("a dry run shows configuration, counts and memory, and begins nothing", async () => {
  const { exitCode, stdout, stderr } = await train(["--name", "dry", "--dry-run", "--steps", "90"]);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ algorithm: "grpo", steps: 90, questionsPerStep: 4, seed: 42 });
  expect(stderr).toMatch(/questions +180\n/);
  expect(stderr).toMatch(/steps +90, 2\.00 epochs, 8 rollouts each\n/);
  expect(stderr).toMatch(/memory .*weights .*activations not counted\n/);
  expect(stderr).toMatch(/first prompt +\d+ tokens: "<\|im_start\|>user\\nAnswer the given question\./);
  expect(readdirSync(join(folder, "runs"))).not.toContain("dry");
});

test.each([
  [["--actor.learning_rate", "1"], /actor\.learning_rate is no setting/],
  [["--questionPerStep", "8"], /questionPerStep is no setting; did you mean questionsPerStep\?/],
  [["--groupSize", "none"], /groupSize is "none"/],
])("%j is one line that names the setting", async (args, message) => {
  const { exitCode, stderr } = await train(args);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd()).not.toContain("\n");
});
