/** From collected searches to an audited simulator, by the commands alone. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { trainBpe } from "@zerosearch/lm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CliResult, runCli } from "../../testing/run-cli.ts";

const COUNT = 24;
const towns = Array.from({ length: COUNT }, (_, i) => ({
  question: `Where was Person${i} born?`,
  answers: [`Town${i}`],
  query: `Person${i} birthplace`,
  page: [{ text: `Person${i} was born in Town${i}.` }, { text: `Person${i} likes number ${i}.` }],
}));

let folder = "";
const at = (name: string) => join(folder, name);
const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const simulator = (verb: string, args: readonly string[]): Promise<CliResult> => runCli(["simulator", verb, ...args]);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-cli-simulator-"));
  const texts = towns.flatMap(({ question, page }) => [question, ...page.map(({ text }) => text)]);
  trainBpe({ texts, vocabularySize: 300, specialTokens: ["<end>"], eosToken: "<end>" }).save(folder);
  const model = {
    ...{ model_type: "llama", vocab_size: 304, hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1 },
    ...{ num_attention_heads: 2, max_position_embeddings: 512, rms_norm_eps: 1e-6, initializer_range: 0.1 },
  };
  writeFileSync(at("config.json"), JSON.stringify(model));
  writeFileSync(at("corpus.jsonl"), lines(towns.flatMap(({ page }) => page)));
  writeFileSync(at("questions.jsonl"), lines(towns.map(({ question, answers }) => ({ question, answers }))));
  // Every other search found nothing of use.
  const found = towns.map(({ question, answers, query, page }, i) => ({
    ...{ questionId: `${i}`, question, answers, query },
    documents: i % 2 === 0 ? page : page.slice(1),
  }));
  writeFileSync(at("searches.jsonl"), lines(found));
  const { exitCode } = await runCli(["index", at("corpus.jsonl"), "--out", at("index.db")]);
  expect(exitCode).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("searches are labelled, built into records, and learned from; the simulator that comes of it is audited", async () => {
  const prompt = { useful: "{query} is {answer}\n", noisy: "{query} is not\n" };
  writeFileSync(at("simulator.json"), JSON.stringify({ prompt }));

  const labelled = await simulator("label", [
    ...["--searches", at("searches.jsonl"), "--out", at("labelled.jsonl"), "--judge.kind", "containment"],
  ]);
  expect(labelled.stdout).toBe(`${at("labelled.jsonl")}: 24 pages, 12 useful, 12 noisy; 24 were judged\n`);

  const built = await simulator("build", [
    ...["--config", at("simulator.json"), "--searches", at("labelled.jsonl"), "--out", at("records.jsonl"), "--json"],
  ]);
  expect(JSON.parse(built.stdout)).toMatchObject({ records: 24, useful: 12, noisy: 12, withheld: 0 });

  const tuned = await simulator("sft", [
    ...["--runs", at("runs"), "--name", "simulator", "--model.path", folder, "--model.weights", "fresh"],
    ...["--data.files", at("records.jsonl"), "--data.balance.useful", "1", "--data.balance.noisy", "1"],
    ...["--data.maxTokens", "256", "--steps", "2", "--tokensPerBatch", "500", "--threads", "1"],
  ]);
  expect(tuned.stdout).toMatch(/^finished 2 steps/);

  const model = { kind: "folder", path: at("runs/simulator/model"), ownThread: false };
  const config = {
    simulator: { engine: "simulator", model, prompt, maxTokens: 20 },
    real: { engine: "local", index: at("index.db") },
    ...{ searches: at("searches.jsonl"), queriesPerKind: 5, topK: 2, out: at("audit.md") },
  };
  writeFileSync(at("audit.json"), JSON.stringify(config));
  const audited = await simulator("audit", ["--config", at("audit.json"), "--threads", "1"]);
  expect(audited.exitCode).toBe(1); // two steps make no simulator
  expect(audited.stdout).toContain("Do not train on it:\n- Of 7 deserving queries that the real engine answers, 0 %");
  expect(readFileSync(at("audit.md"), "utf8")).toContain("| question | told | 5 | 1.00 | 0.00 | 0.00 | 0.00 |");
});

test("a simulator that does as it is told passes, a leaky one does not, by exit code and JSON", async () => {
  let isLeaky = false;
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const [, label = "", query = "", answer = ""] = /(useful|noisy)\|(.*?)\|(.*?)\|/.exec(body) ?? [];
    const text = `Doc 1: ${query} ${label === "useful" || isLeaky ? answer : "nothing"}\nDoc 2: more of ${query}`;
    const choices = [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }];
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ id: "1", object: "chat.completion", choices }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const model = { kind: "endpoint", urls: [`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`] };
  const prompt = { useful: "useful|{query}|{answer}|", noisy: "noisy|{query}|{answer}|" };
  const config = { simulator: { engine: "simulator", model, prompt }, questions: [at("questions.jsonl")], topK: 2 };
  writeFileSync(at("stub.json"), JSON.stringify(config));
  const faithful = await simulator("audit", ["--config", at("stub.json"), "--json"]);
  expect(faithful.exitCode).toBe(0);
  expect(JSON.parse(faithful.stdout)).toMatchObject({ shortfalls: [], real: null, topK: 2 });
  isLeaky = true;
  const leaky = await simulator("audit", ["--config", at("stub.json")]);
  expect(leaky.exitCode).toBe(1);
  expect(leaky.stdout).toMatch(
    /Do not train on it:\n- Queries of kind "question", the truth told: 100 % of the noisy pages hold an answer/,
  );
  server.closeAllConnections();
  server.close();
});

test("a policy collects what it searches, goes on where it was interrupted, and says what there is", async () => {
  const tiny = ["--model.path", at("runs/simulator/model"), "--model.prompt", "{question}"];
  const args = [
    ...tiny,
    ...["--data.files", at("questions.jsonl"), "--data.maxQuestions", "4", "--out", at("collected.jsonl")],
    ...["--search.engine", "local", "--search.index", at("index.db"), "--limits.maxTurns", "1", "--threads", "1"],
    ...["--limits.maxTurnTokens", "4", "--limits.answerReserve", "4"],
  ];
  const { stdout, exitCode } = await simulator("collect", args);
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`${at("collected.jsonl")}: 0 searches of 4 rollouts, of which 0 gave an answer`);
  const again = await simulator("collect", [...args, "--json"]);
  expect(JSON.parse(again.stdout)).toMatchObject({ rollouts: 4, before: 4, left: 0 });
});

test("a mistake in a setting is one line, before anything is asked", async () => {
  const { stderr, exitCode } = await simulator("label", ["--searches", at("searches.jsonl"), "--judge.kind", "oracle"]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/^ConfigError: configuration: /);
  const audit = await simulator("audit", ["--config", at("stub.json"), "--thresholds.maxNoiseLeaks", "0"]);
  expect(audit.stderr).toContain("thresholds.maxNoiseLeaks is no setting; did you mean thresholds.maxNoisyLeaks?");
});
