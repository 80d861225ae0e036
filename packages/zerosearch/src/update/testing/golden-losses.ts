/** test/golden/rl-losses.json: what PyTorch computes on padded matrices with masks, and its gradients. */
import { readFileSync } from "node:fs";
import { fromTypedArray, type Tensor } from "@zerosearch/torch";
import type { KlEstimator } from "../../advantage/token-rewards.ts";
import type { ImportanceCorrection } from "../importance-correction.ts";
import type { LossMean } from "../loss-weights.ts";
import type { PolicyLossSettings } from "../policy-loss.ts";

type Ragged = readonly (readonly number[])[];

interface GoldenLoss {
  readonly mean: LossMean["kind"];
  readonly loss: number;
  readonly losses: Ragged;
  /** Of the averaged loss. */
  readonly gradient: Ragged;
}

export interface GoldenLosses {
  readonly logProbs: Ragged;
  readonly old: Ragged;
  readonly reference: Ragged;
  readonly advantages: Ragged;
  readonly constant: number;
  readonly policy: readonly (GoldenLoss & { readonly settings: PolicyLossSettings })[];
  readonly kl: readonly (GoldenLoss & { readonly estimator: KlEstimator; readonly hasKlGradient: boolean })[];
  readonly value: GoldenLoss & {
    readonly values: Ragged;
    readonly oldValues: Ragged;
    readonly returns: Ragged;
    readonly clip: number;
  };
  readonly drawn: Ragged;
  readonly importance: readonly { readonly correction: ImportanceCorrection; readonly weights: Ragged }[];
}

export function readGoldenLosses(): GoldenLosses {
  const file = new URL("../../../../../test/golden/rl-losses.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as GoldenLosses;
}

/** Rows end to end: float64 (M). */
export function column(ragged: Ragged): Tensor {
  const values = Float64Array.from(ragged.flat());
  return fromTypedArray(values, [values.length]);
}

/** int64 (M): the row each number comes from. */
export function ownersOf(ragged: Ragged): Tensor {
  const owners = ragged.flatMap((row, i) => row.map(() => BigInt(i)));
  return fromTypedArray(BigInt64Array.from(owners), [owners.length]);
}
