/** test/golden/rl-advantages.json: what PyTorch computes on padded matrices with masks. */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { KlEstimator } from "../token-rewards.ts";

/** Ragged: one list of policy tokens' numbers per trajectory. */
type Ragged = readonly (readonly number[])[];

export interface GoldenAdvantages {
  readonly groupSize: number;
  readonly scores: readonly number[];
  readonly logProbs: Ragged;
  readonly reference: Ragged;
  readonly values: Ragged;
  readonly discount: number;
  readonly lambda: number;
  readonly klCoefficient: number;
  readonly tokenRewards: Readonly<Record<KlEstimator, Ragged>>;
  readonly groupRelative: readonly number[];
  readonly groupCentred: readonly number[];
  readonly leaveOneOut: readonly number[];
  readonly gae: { readonly advantages: Ragged; readonly returns: Ragged };
  readonly whitened: Ragged;
  readonly whitenedRewardsToGo: Ragged;
}

export function readGoldenAdvantages(): GoldenAdvantages {
  const file = new URL("../../../../../test/golden/rl-advantages.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as GoldenAdvantages;
}

/** Both sides compute in float64; sums are in different orders. */
const TOLERANCE = 1e-10;

/** Expects the same lengths and numbers. */
export function expectRagged(actual: readonly ArrayLike<number>[], expected: Ragged): void {
  expect(actual.map(({ length }) => length)).toEqual(expected.map(({ length }) => length));
  for (const [i, row] of expected.entries()) {
    for (const [t, value] of row.entries()) {
      const error = Math.abs((actual[i]?.[t] ?? Number.NaN) - value) / Math.max(1, Math.abs(value));
      expect(error, `row ${i}, token ${t}: ${actual[i]?.[t]} for ${value}`).toBeLessThan(TOLERANCE);
    }
  }
}
