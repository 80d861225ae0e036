/** Published questions through every stage up to the trajectory: files, prompt, policy, engine, answer. */
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { HttpChatModel } from "../core/http-chat-model.ts";
import { normalizeAnswer } from "../core/normalize-answer.ts";
import type { Question } from "../core/question.ts";
import { encodePrompt } from "../data/encode-prompt.ts";
import { loadQuestions } from "../data/load-questions.ts";
import { searchEngineOf } from "../search/lift.ts";
import { FtsIndex } from "../search/local/fts-index.ts";
import type { SearchEngine } from "../search/search-engine.ts";
import { noGate } from "../search/simulator/gate.ts";
import { Simulator } from "../search/simulator/simulator.ts";
import { instructSimulatorPrompt } from "../search/simulator/simulator-prompts.ts";
import { LoopbackServer } from "../search/testing/loopback-server.ts";
import { searchesOf } from "./policy-tokens.ts";
import { type RolloutGroupsOptions, rolloutGroups } from "./rollout-groups.ts";
import { rolloutStatistics } from "./rollout-statistics.ts";
import { characterTokenizer } from "./testing/character-tokenizer.ts";
import { scene } from "./testing/rollout-scene.ts";
import type { Script } from "./testing/scripted-policy.ts";
import type { Trajectory } from "./trajectory.ts";

const FILES = ["nq-open.jsonl", "hotpotqa.json", "bamboogle.csv"];
let questions: readonly Question[];
beforeAll(async () => {
  const folder = new URL("../../../../test/fixtures/questions/", import.meta.url);
  ({ questions } = await loadQuestions(FILES.map((file) => fileURLToPath(new URL(file, folder)))));
});

/** Searches for the question itself, then answers with what the documents call the answer. */
const reader: Script = ({ turn, text }) => {
  const question = /Question: (?<question>.*)\n/u.exec(text)?.groups?.question;
  if (turn === 0) return `<think> I must look this up. </think>\n<search> ${question} </search>`;
  const answer = /the answer is (?<answer>.+?) ; so it is said/u.exec(text.split("<information>").at(-1) ?? "")?.groups
    ?.answer;
  return `<think> I have read it. </think>\n<answer> ${answer ?? "unknown"} </answer>`;
};

function play(search: SearchEngine, changes: Partial<RolloutGroupsOptions> = {}): Promise<Trajectory[]> {
  const { context } = scene(reader, {
    search,
    encodePrompt: ({ text }) => encodePrompt({ ...characterTokenizer, chatTemplate: undefined }, text),
  });
  return rolloutGroups(questions, { ...context, groupSize: 2, ...changes });
}

function isRight({ answer, question }: Trajectory): boolean {
  return question.answers.some((gold) => normalizeAnswer(gold) === normalizeAnswer(answer ?? ""));
}

/** Plays the simulation model: tells the answer if it is asked for useful documents. */
function simulationServer(): Promise<LoopbackServer> {
  return LoopbackServer.start((response, { body }) => {
    const { messages } = JSON.parse(body) as { messages: { content: string }[] };
    const prompt = messages.at(-1)?.content ?? "";
    const told = /whose answer is (?<answer>.*)\.\nYou should/su.exec(prompt)?.groups?.answer;
    const first =
      told === undefined
        ? "This is beside the point."
        : `It is known that the answer is ${told.trim()} ; so it is said.`;
    const content = [first, "Second.", "Third.", "Fourth.", "Fifth."]
      .map((line, i) => `Doc ${i + 1}: ${line}`)
      .join("\n");
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }] }),
    );
  });
}

test("with the simulator behind an endpoint, exactly those who were shown useful documents answer right", async () => {
  await using server = await simulationServer();
  const model = new HttpChatModel({ baseUrls: [`${server.url}/v1`] });
  const simulator = new Simulator(model, instructSimulatorPrompt({ answers: "first" }), {
    gate: noGate,
    consistentPages: false,
  });
  const trajectories = await play(simulator, { noise: 0.5 });
  await simulator.close();
  expect(questions.length).toBeGreaterThan(100);
  expect(trajectories).toHaveLength(2 * questions.length);
  expect(server.requests).toHaveLength(trajectories.length);
  for (const trajectory of trajectories) {
    expect(trajectory.stopReason).toBe("answered");
    const [search] = searchesOf(trajectory);
    expect(trajectory.question.text.trim().startsWith(search?.query.replace(/\?$/u, "") ?? "?")).toBe(true);
    expect(isRight(trajectory)).toBe(search?.result.simulation?.intent === "useful");
  }
  const useful = trajectories.filter(isRight).length / trajectories.length;
  expect(useful).toBeGreaterThan(0.35);
  expect(useful).toBeLessThan(0.65);
});

test("with BM25 over a corpus, the questions find their own passages", async () => {
  const passages = questions.flatMap(({ id, text, answers }) => [
    { id, title: text, text: `It is known that the answer is ${answers[0]?.trim()} ; so it is said.` },
    { id: `${id}-other`, title: "Elsewhere", text: "Nothing is known of it." },
  ]);
  const index = await FtsIndex.build(passages);
  const trajectories = await play(searchEngineOf(index));
  await index.close();
  const right = trajectories.filter(isRight).length / trajectories.length;
  expect(right).toBeGreaterThan(0.95);
  expect(rolloutStatistics(trajectories)).toMatchObject({
    "env/stop/answered": trajectories.length,
    "env/finish_ratio": 1,
    "env/number_of_actions/mean": 2,
    "env/number_of_valid_search": 1,
    "env/ratio_of_valid_action": 1,
  });
});
