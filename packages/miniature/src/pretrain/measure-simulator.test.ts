import type { AuditReport, ChatModel } from "@zerosearch/zerosearch";
import { beforeAll, expect, test } from "vitest";
import { measureSimulator } from "./measure-simulator.ts";

/** Writes five documents, in the first of them what a function makes of the truth in the prompt. */
const modelThat = (told: (truth: string) => string): ChatModel => ({
  name: "scripted",
  complete: async ({ messages }) => {
    const [, truth = "", query] = /Truth: (\S+) Query: (.*)/.exec(messages.at(-1)?.content ?? "") ?? [];
    const documents = [told(truth), ...[2, 3, 4, 5].map((number) => `${query} ${number}`)];
    return { text: documents.map((text, i) => `Doc ${i + 1}: ${text}`).join("\n"), finishReason: "stop" };
  },
});

const measure = (model: ChatModel) => measureSimulator(model, { temperature: 0.5, count: 20 });

let leaky: AuditReport;
beforeAll(async () => {
  leaky = await measure(modelThat((truth) => `It is ${truth}.`));
});

test("the gate withholds the truth from a skipped hop and the real engine does not tell it; a bridge is told", () => {
  const { rows } = leaky;
  const told = (kind: string) => rows.filter((row) => row.kind === kind).map(({ isDeserved }) => isDeserved);
  expect(told("first-hop (1)")).toEqual([true]);
  expect(told("first-hop (2)")).toEqual([false]);
  expect(told("skipped-hop (2)")).toEqual([false]);
  expect(told("wrong-entity (1)")).toEqual([false]);
  const secondHop = rows.find(({ kind, isDeserved }) => kind === "second-hop (2)" && isDeserved);
  expect(secondHop?.queries).toBeGreaterThan(15);
  expect(secondHop?.useful.share).toBe(1);
  for (const { isDeserved, useful } of rows) if (!isDeserved) expect(useful.share).toBe(0);
  for (const kind of ["first-hop (1)", "second-hop (2)"]) {
    expect(rows.find((row) => row.kind === kind)?.real.share).toBeGreaterThan(0.7);
  }
  expect(rows.find(({ kind }) => kind === "skipped-hop (2)")?.real.share).toBeLessThan(0.1);
});

test("a simulator that tells the truth under either label is refused, and so is one that never does", async () => {
  expect(leaky.shortfalls).toContainEqual(
    expect.stringMatching(
      /^Queries of kind "first-hop \(1\)", the truth told: 100 % of the noisy pages hold an answer, at most 10 % may/,
    ),
  );
  const silent = await measure(modelThat(() => "Nobody knows."));
  expect(silent.shortfalls).toEqual(
    expect.arrayContaining([
      'Queries of kind "first-hop (1)", the truth told: 0 % of the pages hold an answer, at least 85 % must.',
      'Queries of kind "second-hop (2)", the truth told: 0 % of the pages hold an answer, at least 60 % must.',
    ]),
  );
  expect(silent.shortfalls.join()).not.toContain("withheld");
});
