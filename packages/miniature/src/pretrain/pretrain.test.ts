import { liveTensorCount, setThreads, tidy } from "@zerosearch/torch";
import { expect, test } from "vitest";
import { makeTokenizer } from "../tokenizer.ts";
import { pretrainPolicy } from "./pretrain-policy.ts";
import { pretrainSimulator } from "./pretrain-simulator.ts";
import type { StageProgress } from "./train-stage.ts";

setThreads(1);

const tokenizer = makeTokenizer();
const stage = (batchCount: number) => ({
  batchCount,
  tokensPerBatch: 400,
  learningRate: { peak: 4e-3, warmupSteps: 5 },
});

test("a short pretraining of the policy learns in every stage, gives base and policy, and the same again", async () => {
  const run = async (): Promise<{ saved: string[]; progress: StageProgress[]; sums: number[] }> => {
    const saved: string[] = [];
    const sums: number[] = [];
    const progress: StageProgress[] = [];
    const plan = {
      seed: 0,
      worldCount: 1,
      baseTexts: 100,
      base: stage(30),
      trajectories: 40,
      first: stage(12),
      lastTrajectories: 20,
      last: stage(6),
    };
    await pretrainPolicy(tokenizer, plan, {
      save: (name, decoder) => {
        saved.push(name);
        sums.push(tidy(() => decoder.embeddings.sum().item()));
      },
      report: (each) => progress.push(each),
    });
    return { saved, progress, sums };
  };
  const before = liveTensorCount();
  const { saved, progress, sums } = await run();
  expect(saved).toEqual(["base", "policy"]);
  expect(progress.map(({ stage: name, batch }) => [name, batch])).toEqual([
    ["base", 30],
    ["cold start", 12],
    ["cold start, last", 6],
  ]);
  const losses = progress.map(({ loss }) => loss);
  expect(losses).toEqual([...losses].sort((a, b) => b - a));
  expect(liveTensorCount()).toBe(before);
  expect((await run()).sums).toEqual(sums);
});

test("a short pretraining of the simulator learns to write pages", async () => {
  const progress: StageProgress[] = [];
  const plan = { seed: 0, worldCount: 1, baseTexts: 60, base: stage(15), pages: 60, simulator: stage(25) };
  await pretrainSimulator(tokenizer, plan, { save: () => {}, report: (each) => progress.push(each) });
  const [base, simulator] = progress;
  expect(simulator?.loss).toBeLessThan((base?.loss ?? 0) - 1);
});
