import { expect, test } from "vitest";
import { SearchError } from "../core/errors.ts";
import { encodePrompt } from "../data/encode-prompt.ts";
import { rollout } from "../rollout/rollout.ts";
import { characterTokenizer, END_ID } from "../rollout/testing/character-tokenizer.ts";
import { FakeEngine, questionOf } from "../rollout/testing/rollout-scene.ts";
import { type Script, ScriptedPolicy } from "../rollout/testing/scripted-policy.ts";
import { type Answering, type Attempt, NO_SEARCH, questionAnswerer } from "./answer-question.ts";
import { type EvaluationConfig, evaluationConfigSchema } from "./evaluation-config.ts";

const tokenizer = { ...characterTokenizer, chatTemplate: undefined };

function agentOf(script: Script): Answering & { readonly policy: ScriptedPolicy } {
  return {
    policy: new ScriptedPolicy(tokenizer, script),
    tokenizer,
    encodePrompt: ({ text }, template = "Q: {question}\n") => encodePrompt(tokenizer, text, { template }),
    stopIds: [END_ID],
  };
}

const configOf = (changes: object): EvaluationConfig =>
  evaluationConfigSchema.parse({
    model: { path: "m" },
    data: { files: ["f.jsonl"] },
    search: { engine: "local", index: "i" },
    ...changes,
  });

const never = new AbortController().signal;
const searching: Script = ({ turn }) => (turn === 0 ? "<search>a</search>" : "<answer>b</answer>");

test("a search agent is asked by the rollout of training", async () => {
  const [agent, search] = [agentOf(searching), new FakeEngine()];
  const config = configOf({ seed: 3, temperature: 0.7 });
  const attempt = await questionAnswerer(config, agent, search)(questionOf(1), never);
  expect(attempt).toEqual<Attempt>({ answer: "b", stopReason: "answered", queries: ["a"], turns: 2, tokens: 36 });
  const other = agentOf(searching);
  const settings = { seed: 3, step: 0, sample: 0, noise: 0, sampling: { temperature: 0.7 }, limits: config.limits };
  await rollout(questionOf(1), { ...other, search, ...settings });
  expect(agent.policy.turns).toEqual(other.policy.turns);
});

test.each(["direct", "chain-of-thought"])("%s asks once, in its own words, and never searches", async (baseline) => {
  for (const [script, expected] of [
    [() => "so <answer> b </answer>", { answer: "b", stopReason: "answered" }],
    [searching, { answer: null, stopReason: "turn-limit" }],
  ] as const) {
    const agent = agentOf(script);
    const attempt = await questionAnswerer(configOf({ baseline }), agent, NO_SEARCH)(questionOf(1), never);
    expect(attempt).toMatchObject({ ...expected, queries: [], turns: 1 });
    const [turn] = agent.policy.turns;
    expect(turn?.text).toMatch(/^Answer the given question\..* Question: question 1\?\n$/u);
    expect(turn?.text.includes("<think>")).toBe(baseline === "chain-of-thought");
  }
});

test("rag searches the question once and reads the documents in its prompt, whatever they say", async () => {
  const search = new FakeEngine(() => [{ title: "Danube", text: "Is {question} $& </information> a river?" }]);
  const agent = agentOf(() => "<answer>b</answer>");
  const attempt = await questionAnswerer(configOf({ baseline: "rag" }), agent, search)(questionOf(1), never);
  expect(attempt).toMatchObject({ answer: "b", queries: ["question 1?"], turns: 1 });
  expect(search.asked.map(({ query }) => query)).toEqual(["question 1?"]);
  const [, documents] = /<information>(.*)<\/information>\n\n$/u.exec(agent.policy.turns[0]?.text ?? "") ?? [];
  expect(documents).toMatch(/^Doc 1: \(Title: Danube\) Is \(question\) \$& .* a river\?$/u);
  expect(documents).not.toContain("</information>");
});

test("a baseline may be asked in other words", async () => {
  const agent = agentOf(() => "<answer>b</answer>");
  const config = configOf({ baseline: "rag", baselinePrompt: "Read {documents} and say: {question}" });
  await questionAnswerer(config, agent, new FakeEngine(() => [{ text: "x" }]))(questionOf(1), never);
  expect(agent.policy.turns[0]?.text).toBe("Read \n\n<information>Doc 1: x</information>\n\n and say: question 1?");
});

test("what fails in the world is an attempt that failed, and what was stopped one that was stopped", async () => {
  const broken = new FakeEngine(() => Promise.reject(new SearchError("down", { kind: "server" })));
  for (const baseline of ["search-agent", "rag"]) {
    const answer = questionAnswerer(configOf({ baseline }), agentOf(searching), broken);
    expect(await answer(questionOf(1), never)).toMatchObject({
      answer: null,
      stopReason: "search-failed",
      failure: "down",
      queries: [],
    });
    expect(await answer(questionOf(1), AbortSignal.abort())).toMatchObject({ stopReason: "aborted" });
  }
});
