import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { ConfigError } from "../core/errors.ts";
import { AGENT_PROMPT, agentPrompt, questionLine } from "./agent-prompt.ts";

test("the prompt is that of the published data, to the byte", () => {
  const text = agentPrompt("who wrote it");
  expect(text).toBe(
    "Answer the given question. You must conduct reasoning inside <think> and </think> first every time you get new information. After reasoning, if you find you lack some knowledge, you can call a search engine by <search> query </search> and it will return the top searched results between <information> and </information>. You can search as many times as your want. If you find no further external knowledge needed, you can directly provide the answer inside <answer> and </answer>, without detailed illustrations. For example, <answer> Beijing </answer>. Question: who wrote it?\n",
  );
  // Python: hashlib.sha256 of the line in the specification.
  expect(createHash("sha256").update(AGENT_PROMPT).digest("hex")).toBe(
    "325187b4e28848fc12d41dfcb958bf9376b3735630d67686c140b65d1b76d578",
  );
});

test.each([
  ["who", "who?"],
  ["  who? \n", "who?"],
  ["who ?", "who ?"],
  ["Name it.", "Name it.?"],
  ["", "?"],
])("%j is asked as %j", (question, expected) => {
  expect(questionLine(question)).toBe(expected);
});

test("a question is inserted as it is, whatever a replacement would make of it", () => {
  expect(agentPrompt("what is $& or $1 or {question}", "Q: {question}")).toBe("Q: what is $& or $1 or {question}?");
});

test.each(["no place", "{question} and {question}"])("the template %j is refused", (template) => {
  expect(() => agentPrompt("who", template)).toThrow(ConfigError);
});
