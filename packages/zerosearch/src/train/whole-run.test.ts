/** From the first step to the last (defect D23 of the reference: the last is not made, measured or saved). */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseConfig } from "../core/config-overrides.ts";
import { readPrompt } from "../models/saved-prompt.ts";
import { tinyModelFolder } from "../models/testing/tiny-model-folder.ts";
import { checkpointModelFolder } from "../run/checkpoint.ts";
import { checkpointFolder, stepsIn } from "../run/checkpoint-store.ts";
import { readEvaluations } from "../run/evaluation-log.ts";
import { readMetrics } from "../run/metrics-log.ts";
import { RUN_FILES } from "../run/run-files.ts";
import { train } from "./train.ts";
import { trainConfigSchema } from "./train-config.ts";

let folder = "";
let model = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "zerosearch-whole-run-"));
  model = tinyModelFolder(false);
});
afterAll(() => {
  for (const path of [folder, model]) rmSync(path, { recursive: true });
});

test("as many updates as steps, the noise's end in the last, which is evaluated and saved (D23)", async () => {
  const files = [join(folder, "questions.jsonl")];
  const rows = ["a", "b"].map((id) => JSON.stringify({ id, question: `who is ${id}`, answers: ["x"] }));
  writeFileSync(join(folder, "questions.jsonl"), rows.join("\n"));
  // Random weights write no tags, so nobody is ever asked.
  const nobody = { kind: "endpoint", urls: ["http://127.0.0.1:9/v1"], retries: 0 };
  const search = { engine: "simulator", model: nobody, prompt: "tuned" };
  const config = parseConfig(
    trainConfigSchema,
    {
      ...{ model: { path: model, prompt: "{question}" }, data: { files }, search, steps: 3 },
      ...{ questionsPerStep: 2, groupSize: 2, noise: { kind: "exponential", start: 0.1, end: 0.7 } },
      limits: { maxTurns: 1, maxTurnTokens: 4, answerReserve: 4 },
      evaluations: [{ name: "own", files, search }],
      save: { every: 2, keepLast: 9 },
    },
    "test",
  );
  const path = join(folder, "run");
  const noises: (number | undefined)[] = [];
  const { outcome } = await train(config, { path, resume: false, onStep: ({ noise }) => noises.push(noise) });

  expect(outcome).toBe("finished");
  const updated: [number, number | undefined][] = [];
  for await (const { step, metrics } of readMetrics(join(path, RUN_FILES.metrics))) {
    updated.push([step, metrics["update/steps"]]);
  }
  expect(updated).toEqual([1, 2, 3].map((step) => [step, 1]));
  expect(noises.at(-1)).toBe(0.7);
  const evaluated: number[] = [];
  for await (const { step } of readEvaluations(join(path, RUN_FILES.evaluations))) evaluated.push(step);
  expect(evaluated).toEqual([0, 3]);
  const checkpoints = join(path, RUN_FILES.checkpoints);
  expect(stepsIn(checkpoints).sort()).toEqual([0, 2, 3]);
  expect(readPrompt(checkpointModelFolder(checkpointFolder(checkpoints, 3), "policy"))).toBe("{question}");
});
