/** What a configuration may change of an algorithm's row, and the row that comes of it. */
import { z } from "zod";
import { ConfigError } from "../core/errors.ts";
import { ALGORITHMS, type Algorithm, type AlgorithmName } from "../update/algorithms.ts";
import type { ImportanceCorrection } from "../update/importance-correction.ts";
import type { KlController } from "../update/kl-controller.ts";
import type { LossMean } from "../update/loss-weights.ts";

/** What is left out stays as in update/algorithms.ts. */
export interface ObjectiveConfig {
  readonly klCoefficient?: number | undefined;
  readonly klPlace?: "reward" | "loss" | undefined;
  readonly klEstimator?: "k1" | "k2" | "k3" | "abs" | undefined;
  /** The estimator's value, but the gradient of KL itself. */
  readonly hasKlGradient?: boolean | undefined;
  readonly klController: KlController;
  readonly clipBelow?: number | undefined;
  readonly clipAbove?: number | undefined;
  readonly dualClip?: number | undefined;
  readonly lossMean?: LossMean | undefined;
  readonly entropyCoefficient?: number | undefined;
  readonly discount?: number | undefined;
  readonly lambda?: number | undefined;
  readonly valueClip?: number | undefined;
  readonly drawsFlatGroupsAgain?: boolean | undefined;
  /** Most rounds in which a step draws flat groups again. */
  readonly mostRounds: number;
  readonly importance?: ImportanceCorrection | undefined;
}

const atLeast0 = z.number().min(0);

const klController: z.ZodType<KlController> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("fixed") }),
  z.strictObject({ kind: z.literal("adaptive"), target: z.number().positive(), horizon: z.number().positive() }),
]);

const lossMean: z.ZodType<LossMean> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("token") }),
  z.strictObject({ kind: z.literal("sequence") }),
  z.strictObject({ kind: z.literal("constant"), tokens: z.number().positive() }),
]);

const importance = z.strictObject({
  kind: z.enum(["truncate", "mask"]),
  level: z.enum(["token", "product", "geometric"]),
  least: atLeast0.default(0),
  most: z.number().positive(),
});

export const objectiveConfigSchema: z.ZodType<ObjectiveConfig> = z
  .strictObject({
    klCoefficient: atLeast0.optional(),
    klPlace: z.enum(["reward", "loss"]).optional(),
    klEstimator: z.enum(["k1", "k2", "k3", "abs"]).optional(),
    hasKlGradient: z.boolean().optional(),
    klController: klController.default({ kind: "fixed" }),
    clipBelow: atLeast0.optional(),
    clipAbove: atLeast0.optional(),
    dualClip: z.number().gt(1).optional(),
    lossMean: lossMean.optional(),
    entropyCoefficient: z.number().optional(),
    discount: z.number().min(0).max(1).optional(),
    lambda: z.number().min(0).max(1).optional(),
    valueClip: z.number().positive().optional(),
    drawsFlatGroupsAgain: z.boolean().optional(),
    mostRounds: z.int().min(1).default(4),
    importance: importance.optional(),
  })
  .prefault({});

/**
 * The row that a run learns by.
 *
 * @throws {ConfigError} an adaptive controller has no KL to control
 */
export function configuredAlgorithm(name: AlgorithmName, config: ObjectiveConfig): Algorithm {
  const row = ALGORITHMS[name];
  const algorithm: Algorithm = {
    ...row,
    discounting: {
      discount: config.discount ?? row.discounting.discount,
      lambda: config.lambda ?? row.discounting.lambda,
    },
    kl: {
      place: config.klPlace ?? row.kl.place,
      estimator: config.klEstimator ?? row.kl.estimator,
      hasKlGradient: config.hasKlGradient ?? row.kl.hasKlGradient,
      coefficient: config.klCoefficient ?? row.kl.coefficient,
    },
    policyLoss: {
      ...row.policyLoss,
      clipBelow: config.clipBelow ?? row.policyLoss.clipBelow,
      clipAbove: config.clipAbove ?? row.policyLoss.clipAbove,
      ...(config.dualClip !== undefined && { dualClip: config.dualClip }),
    },
    lossMean: config.lossMean ?? row.lossMean,
    entropyCoefficient: config.entropyCoefficient ?? row.entropyCoefficient,
    valueClip: config.valueClip ?? row.valueClip,
    drawsFlatGroupsAgain: config.drawsFlatGroupsAgain ?? row.drawsFlatGroupsAgain,
  };
  if (config.klController.kind === "adaptive" && algorithm.kl.coefficient === 0) {
    throw new ConfigError(
      `objective.klController is adaptive, but the KL coefficient of ${name} is 0, which nothing can raise: ` +
        "set objective.klCoefficient, or leave the controller fixed.",
    );
  }
  return algorithm;
}
