import { expect, test } from "vitest";
import { applyOverrides, parseConfig } from "../core/config-overrides.ts";
import { DEFAULT_ROLLOUT_LIMITS } from "../rollout/rollout-context.ts";
import { type EvaluationConfig, evaluationConfigSchema } from "./evaluation-config.ts";

const given = (args: string): EvaluationConfig =>
  parseConfig(evaluationConfigSchema, applyOverrides({}, args.split(" ")), "configuration");
const LEAST = "--model.path m --search.engine local --search.index i";

test("what is left out is greedy, bounded as training is, and asks everything", () => {
  const config = given(`${LEAST} --data.files a.jsonl`);
  expect(config).toMatchObject({
    baseline: "search-agent",
    temperature: 0,
    noise: 0,
    limits: DEFAULT_ROLLOUT_LIMITS,
    data: { files: ["a.jsonl"], benchmarks: [] },
  });
  expect(config.maxQuestions).toBeUndefined();
  expect(given(`${LEAST} --data.files a.jsonl b.csv`).data.files).toEqual(["a.jsonl", "b.csv"]);
});

test("a configuration that was written is read as the same one", () => {
  const config = given(`${LEAST} --data.benchmarks nq bamboogle --limits.topK 3 --maxQuestions 500`);
  expect(evaluationConfigSchema.parse(JSON.parse(JSON.stringify(config)))).toEqual(config);
});

test.each([
  [`${LEAST}`, /data .*name question files/u],
  [`${LEAST} --data.benchmarks trivia`, /data\.benchmarks/u],
  ["--model.path m --data.files a", /search .*search-agent searches/u],
  ["--model.path m --data.files a --baseline rag", /search .*rag searches/u],
  [`${LEAST} --data.files a --baselinePrompt {question}`, /a search agent reads model\.prompt/u],
  [`${LEAST} --data.files a --baseline rag --baselinePrompt {question}`, /rag needs \{documents\}/u],
  [`${LEAST} --data.files a --limits.maxTurn 3`, /limits\.maxTurn is no setting; did you mean limits\.maxTurns\?/u],
])("%s is refused", (args, message) => {
  expect(() => given(args)).toThrow(message);
});

test("without search no engine need be named", () => {
  expect(given("--model.path m --data.files a --baseline direct").search).toBeUndefined();
});
