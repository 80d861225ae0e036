/** Learning rate and optimizer of one model, as a configuration says them. */
import { z } from "zod";
import { type LrSchedule, learningRateAt } from "./lr-schedule.ts";
import { type AdamWOptions, DEFAULT_ADAMW } from "./optimizer.ts";

/** `lr` is the peak. */
export interface OptimizerConfig extends Required<Omit<LrSchedule, "peak">>, AdamWOptions {
  readonly lr: number;
}

/** The fields of a schema, so that others can stand beside them. */
export type OptimizerShape = { readonly [K in keyof OptimizerConfig]: z.ZodType<OptimizerConfig[K]> };

/** @param lr  the default */
export function optimizerShape(lr: number): OptimizerShape {
  return {
    lr: z.number().positive().default(lr),
    warmupSteps: z.int().min(0).default(0),
    decay: z.enum(["constant", "linear", "cosine"]).default("constant"),
    finalShare: z.number().min(0).max(1).default(0),
    holdShare: z.number().min(0).max(1).default(0),
    beta1: z.number().min(0).lt(1).default(DEFAULT_ADAMW.beta1),
    beta2: z.number().min(0).lt(1).default(DEFAULT_ADAMW.beta2),
    epsilon: z.number().positive().default(DEFAULT_ADAMW.epsilon),
    weightDecay: z.number().min(0).default(DEFAULT_ADAMW.weightDecay),
  };
}

/** The rate of a step, counted from 1. */
export function rateOfStep({ lr, ...schedule }: OptimizerConfig, step: number, totalSteps: number): number {
  return learningRateAt({ ...schedule, peak: lr }, step - 1, totalSteps);
}
