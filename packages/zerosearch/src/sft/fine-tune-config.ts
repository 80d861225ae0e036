/** Everything a run of fine-tuning is told, as one schema: a JSON file, changed by dotted overrides. */
import type { Dtype } from "@zerosearch/torch";
import { z } from "zod";
import { pathListSchema } from "../core/path-list.ts";
import { type OptimizerConfig, optimizerShape } from "../update/optimizer-config.ts";
import type { LabelRatio } from "./records-sampling.ts";

export interface FineTuneConfig {
  /** The root of every random draw. */
  readonly seed: number;
  readonly model: {
    /** A model folder in Hugging Face's format. */
    readonly path: string;
    /** `fresh` starts from random weights: the folder needs config.json and a tokenizer only. */
    readonly weights: "load" | "fresh";
    /** The files' own by default, float32 for fresh weights. Learning keeps float32 master weights beside 16 bits. */
    readonly dtype?: Dtype | undefined;
    readonly device: "cpu" | "cuda";
  };
  readonly data: {
    readonly files: readonly string[];
    /** What the validation loss is of: a share of the rows, which is held back, or files of their own. */
    readonly validation: { readonly share: number } | { readonly files: readonly string[] };
    /** Parts of each label, of what is left to learn from; all records as they are by default. */
    readonly balance?: LabelRatio | undefined;
    /** Of prompt, completion and end of text together. */
    readonly maxTokens: number;
    /** What becomes of a longer record. */
    readonly overLong: "error" | "skip";
  };
  /** How often every record is learned from; or else `steps`. */
  readonly epochs?: number | undefined;
  /** Updates in all; records come round as often as that takes. */
  readonly steps?: number | undefined;
  /** One update learns from records of so many tokens. A longer one is learned alone. */
  readonly tokensPerBatch: number;
  readonly optimizer: OptimizerConfig;
  readonly update: {
    /** Most tokens computed at once. */
    readonly tokensPerMicroBatch: number;
    readonly maxGradientNorm: number;
    readonly checkpointLayers: boolean;
    /** Updates in a row that may come to no number. */
    readonly mostSkippedInARow: number;
  };
  readonly numerics: "exact" | "fast";
  /** Steps between two measurements of the validation loss; it is also measured at every save. */
  readonly validateEvery: number;
  /** Steps between two checkpoints, and how many of the latest stay; the one of the least validation loss stays too. */
  readonly save: { readonly every: number; readonly keepLast: number };
}

const count = z.int().min(1);
const part = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).prefault({} as never);

export const fineTuneConfigSchema: z.ZodType<FineTuneConfig> = z
  .strictObject({
    seed: z.int().min(0).default(42),
    model: z.strictObject({
      path: z.string().min(1),
      weights: z.enum(["load", "fresh"]).default("load"),
      dtype: z.enum(["float32", "float64", "bfloat16", "float16"]).optional(),
      device: z.enum(["cpu", "cuda"]).default("cpu"),
    }),
    data: z.strictObject({
      files: pathListSchema,
      validation: z
        .union([z.strictObject({ share: z.number().min(0).lt(1) }), z.strictObject({ files: pathListSchema })])
        .default({ share: 0.05 }),
      balance: z.strictObject({ useful: z.int().min(0), noisy: z.int().min(0) }).optional(),
      maxTokens: count.default(2048),
      overLong: z.enum(["error", "skip"]).default("error"),
    }),
    epochs: count.optional(),
    steps: count.optional(),
    tokensPerBatch: count.default(16_384),
    optimizer: part(optimizerShape(1e-5)),
    update: part({
      tokensPerMicroBatch: count.default(16_384),
      maxGradientNorm: z.number().positive().default(1),
      checkpointLayers: z.boolean().default(false),
      mostSkippedInARow: z.int().min(0).default(5),
    }),
    numerics: z.enum(["exact", "fast"]).default("fast"),
    validateEvery: count.default(100),
    save: part({ every: count.default(500), keepLast: count.default(2) }),
  })
  .refine(({ epochs, steps }) => (epochs === undefined) !== (steps === undefined), {
    path: ["epochs"],
    message: "exactly one of epochs and steps says how long to learn (null removes one, as in --epochs null)",
  });
