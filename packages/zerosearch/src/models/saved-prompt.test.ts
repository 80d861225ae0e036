import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setThreads } from "@zerosearch/torch";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadAgent } from "./agent.ts";
import { agentConfigSchema } from "./agent-config.ts";
import { readPrompt, savePrompt } from "./saved-prompt.ts";
import { tinyModelFolder } from "./testing/tiny-model-folder.ts";

setThreads(1);

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-prompt-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What a question becomes, with and without a prompt in the configuration. */
function asked(path: string, prompt?: string): string {
  using agent = loadAgent(agentConfigSchema.parse({ path, ...(prompt !== undefined && { prompt }) }));
  const question = { id: "1", text: "Who?", answers: ["X"], source: "" };
  return agent.encodePrompt(question).text;
}

test("a model is asked with the prompt saved beside it, unless the configuration names another", () => {
  const model = tinyModelFolder(false);
  try {
    expect(asked(model)).toContain("<search>"); // the paper's, which explains the tags
    savePrompt(model, "Q:\t{question}\n");
    expect(asked(model)).toBe("Q:\tWho?\n");
    expect(asked(model, "Asked: {question}")).toBe("Asked: Who?");
  } finally {
    rmSync(model, { recursive: true });
  }
});

test("where nobody saved a prompt there is none", () => {
  expect(readPrompt(folder)).toBeUndefined();
});

test.each([
  ["no JSON", "{", /agent\.json can't be read: .*JSON/],
  ["without a place for the question", '{"prompt": "hello"}', /agent\.json: expected \{"prompt": "… \{question\} …"\}/],
  ["with a name that is none", '{"prompt": "{question}", "promt": "x"}', /promt/],
])("a file that is %s is refused", (_, text, complaint) => {
  writeFileSync(join(folder, "agent.json"), text);
  expect(() => readPrompt(folder)).toThrow(complaint);
});
