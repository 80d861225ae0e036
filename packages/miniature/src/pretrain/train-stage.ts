/** One stage of pretraining: so many batches of filled-in patterns at one learning-rate schedule. */
import type { Decoder } from "@zerosearch/lm";
import { AdamW, type Example, fineTuneStep, type LrSchedule, learningRateAt } from "@zerosearch/zerosearch";
import { RandomStream } from "../world/random-stream.ts";
import type { NamePattern, NamePatterns } from "./name-pattern.ts";

export interface Stage {
  readonly name: string;
  readonly batchCount: number;
  readonly tokensPerBatch: number;
  readonly learningRate: LrSchedule;
  readonly seed: number;
}

/** How a stage goes, after every 100 batches and at its end. */
export interface StageProgress {
  readonly stage: string;
  readonly batch: number;
  /** Mean of the batches since the last report. */
  readonly loss: number;
  readonly tokensPerSecond: number;
}

const REPORT_EVERY = 100;

/** Texts of similar length are learned together: they are sorted within chunks of so many. */
const CHUNK = 1024;

const ADAMW = { beta1: 0.9, beta2: 0.98, weightDecay: 0.01 } as const;

const MAX_GRADIENT_NORM = 1;

/** Trains in place. The decoder's parameters must require gradients. */
export function trainStage(
  decoder: Decoder,
  { filler, patterns }: { readonly filler: NamePatterns; readonly patterns: readonly NamePattern[] },
  stage: Stage,
  report: (progress: StageProgress) => void,
): void {
  const random = new RandomStream(["miniature", "train", stage.name, stage.seed]);
  using optimizer = new AdamW(decoder.parameters, ADAMW);
  const numerics = decoder.numerics("fast");
  let batches: NamePattern[][] = [];
  let [loss, tokens, count, since] = [0, 0, 0, performance.now()];
  for (let step = 0; step < stage.batchCount; step++) {
    if (batches.length === 0) batches = makeBatches(patterns, stage.tokensPerBatch, random);
    const batch: Example[] = (batches.pop() ?? []).map((pattern) => filler.fill(pattern, random));
    const metrics = fineTuneStep(decoder, optimizer, batch, {
      learningRate: learningRateAt(stage.learningRate, step, stage.batchCount),
      maxGradientNorm: MAX_GRADIENT_NORM,
      numerics,
    });
    loss += metrics.loss;
    tokens += metrics.tokenCount;
    count++;
    if (count < REPORT_EVERY && step + 1 < stage.batchCount) continue;
    const seconds = (performance.now() - since) / 1000;
    report({ stage: stage.name, batch: step + 1, loss: loss / count, tokensPerSecond: tokens / seconds });
    [loss, tokens, count, since] = [0, 0, 0, performance.now()];
  }
}

function makeBatches(patterns: readonly NamePattern[], tokensPerBatch: number, random: RandomStream): NamePattern[][] {
  const shuffled = random.shuffle(patterns);
  const batches: NamePattern[][] = [];
  for (let start = 0; start < shuffled.length; start += CHUNK) {
    const chunk = shuffled.slice(start, start + CHUNK).sort((a, b) => a.tokens.length - b.tokens.length);
    let batch: NamePattern[] = [];
    let size = 0;
    for (const pattern of chunk) {
      if (size + pattern.tokens.length > tokensPerBatch && batch.length > 0) {
        batches.push(batch);
        [batch, size] = [[], 0];
      }
      batch.push(pattern);
      size += pattern.tokens.length;
    }
    if (batch.length > 0) batches.push(batch);
  }
  return random.shuffle(batches);
}
