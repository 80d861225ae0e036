/** Pieces of the library's work, timed in a process that is told which, on which model and with how many threads. */
import { createInterface } from "node:readline";
import { Engine } from "@zerosearch/lm";
import { setThreads } from "@zerosearch/torch";
import { AdamW, type Example, fineTuneStep } from "@zerosearch/zerosearch";
import { benchmarkPrompts, generateBatch } from "./generate-batch.ts";
import { GrpoSteps, type StepSizes } from "./grpo-steps.ts";
import { openModel } from "./models.ts";

/** What is done once per question. */
export type Work =
  /** A step of fine-tuning: forward, backward, AdamW. */
  | { readonly kind: "fine-tune"; readonly sequences: number; readonly length: number }
  /** The update of a GRPO step, always on the same rollouts. */
  | { readonly kind: "grpo"; readonly sizes: StepSizes }
  /** Sampling that many texts at once. */
  | { readonly kind: "decode"; readonly batch: number; readonly newTokens: number; readonly promptLength: number };

export interface Question {
  readonly work: Work;
  readonly threads: number;
}

/** Work on a model that is loaded; returns seconds. */
interface LoadedWork extends Disposable {
  run(): number | Promise<number>;
}

/** Answers a {@link Question} per line, as JSON, with seconds. The first of a kind of work loads the model anew. */
export async function answerQuestions(folder: string): Promise<void> {
  let current: { readonly key: string; readonly loaded: LoadedWork } | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    const { work, threads } = JSON.parse(line) as Question;
    setThreads(threads);
    const key = JSON.stringify(work);
    if (current?.key !== key) {
      current?.loaded[Symbol.dispose](); // before the next: a real model's moments are large
      current = { key, loaded: load(folder, work) };
    }
    console.log(await current.loaded.run());
  }
}

function load(folder: string, work: Work): LoadedWork {
  switch (work.kind) {
    case "fine-tune":
      return loadFineTuning(folder, work.sequences, work.length);
    case "grpo": {
      const steps = new GrpoSteps({ folder }, work.sizes);
      return { run: () => steps.repeatUpdate(), [Symbol.dispose]: () => steps.dispose() };
    }
    case "decode": {
      const { decoder } = openModel(folder);
      const engine = new Engine(decoder);
      return {
        run: () => generateBatch(engine, work.batch, work.newTokens, work.promptLength),
        [Symbol.dispose]: () => {
          engine.dispose();
          decoder.dispose();
        },
      };
    }
    default:
      throw new Error(`no such work: ${JSON.stringify(work satisfies never)}`);
  }
}

/** Numerics are the fine-tuning's default. */
function loadFineTuning(folder: string, sequences: number, length: number): LoadedWork {
  const { decoder } = openModel(folder);
  const optimizer = new AdamW(decoder.parameters);
  const batch = benchmarkPrompts(sequences, decoder.config.vocabularySize, length).map(
    (tokens): Example => ({ tokens, weights: tokens.map((_, i) => (i === 0 ? 0 : 1)) }),
  );
  const options = { learningRate: 1e-6, maxGradientNorm: 1, numerics: decoder.numerics("fast") };
  return {
    run: () => {
      const startedAt = performance.now();
      fineTuneStep(decoder, optimizer, batch, options);
      return (performance.now() - startedAt) / 1000;
    },
    [Symbol.dispose]: () => {
      optimizer.dispose();
      decoder.dispose();
    },
  };
}
