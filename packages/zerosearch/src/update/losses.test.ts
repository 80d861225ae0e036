/** Policy, KL and value losses with their gradients, against PyTorch on padded matrices and by other systems' numbers. */
import { fromTypedArray, grad, liveTensorCount, setThreads, type Tensor, tidy } from "@zerosearch/torch";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { klLoss } from "./kl.ts";
import { type LossMean, lossWeights } from "./loss-weights.ts";
import { type PolicyLoss, type PolicyLossSettings, policyLoss } from "./policy-loss.ts";
import { column, ownersOf, readGoldenLosses } from "./testing/golden-losses.ts";
import { valueLoss } from "./value-loss.ts";

setThreads(1);

let before = 0;
beforeEach(() => {
  before = liveTensorCount();
});
afterEach(() => {
  expect(liveTensorCount()).toBe(before);
});

const golden = readGoldenLosses();
const vector = (values: readonly number[]): Tensor => fromTypedArray(Float64Array.from(values), [values.length]);

function expectClose(actual: Tensor, expected: readonly number[], digits = 10): void {
  const numbers = actual.toNumbers();
  expect(numbers.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(numbers[i], `element ${i}`).toBeCloseTo(value, digits);
}

/** The weights of every token of the golden batch. */
function weightsOf(kind: LossMean["kind"]): Tensor {
  const lengths = golden.logProbs.map(({ length }) => length);
  const mean: LossMean = kind === "constant" ? { kind, tokens: golden.constant } : { kind };
  const weights = lossWeights(mean, lengths);
  return vector(lengths.flatMap((length, i) => new Array<number>(length).fill(weights[i] ?? 0)));
}

function expectGolden(
  losses: (variable: Tensor) => Tensor,
  start: readonly (readonly number[])[],
  expected: (typeof golden.policy)[number] | (typeof golden.kl)[number] | typeof golden.value,
): void {
  tidy(() => {
    const variable = column(start).requireGrad();
    const tokens = losses(variable);
    expectClose(tokens, expected.losses.flat());
    const loss = tokens.mul(weightsOf(expected.mean)).sum();
    expectClose(loss.reshape([1]), [expected.loss]);
    const [gradient] = grad(loss, [variable]);
    expect(gradient).toBeDefined();
    if (gradient) expectClose(gradient, expected.gradient.flat());
  });
}

describe("policy losses and gradients are PyTorch's", () => {
  for (const expected of golden.policy) {
    const { kind, clipAbove, dualClip } = expected.settings;
    test(`${kind}, ${clipAbove} above${dualClip ? `, dual clip ${dualClip}` : ""}, mean over ${expected.mean}`, () => {
      expectGolden(
        (logProbs) =>
          policyLoss(expected.settings, {
            logProbs,
            oldLogProbs: column(golden.old),
            advantages: column(golden.advantages),
            owners: ownersOf(golden.old),
            ownerCount: golden.old.length,
          }).losses,
        golden.logProbs,
        expected,
      );
    });
  }
});

describe("KL terms and gradients are PyTorch's", () => {
  for (const expected of golden.kl) {
    test(`${expected.estimator}${expected.hasKlGradient ? " with the gradient of KL" : ""}`, () => {
      expectGolden((logProbs) => klLoss(expected, logProbs, column(golden.reference)), golden.logProbs, expected);
    });
  }

  test("a token that only the reference expects costs a bounded k3 and gives no NaN", () => {
    tidy(() => {
      const logProbs = vector([-200]).requireGrad();
      const term = klLoss({ estimator: "k3", hasKlGradient: false }, logProbs, vector([0]));
      expect(term.toNumbers()).toEqual([10]);
      expect(grad(term.sum(), [logProbs])[0]?.item()).toBeCloseTo(0);
    });
  });
});

test("the clipped value loss and its gradient are PyTorch's", () => {
  const { values, oldValues, returns, clip } = golden.value;
  expectGolden((now) => valueLoss(now, column(oldValues), column(returns), clip).losses, values, golden.value);
});

test("a value loss without clipping is half the squared error", () => {
  tidy(() => {
    const unbounded = valueLoss(vector([3, -1]), vector([0, 0]), vector([1, 1]), Number.POSITIVE_INFINITY);
    expectClose(unbounded.losses, [2, 2]);
    expect(unbounded.isClipped.toNumbers()).toEqual([0, 0]);
  });
});

/** Each token its own trajectory. */
function lossOf(
  settings: PolicyLossSettings,
  rows: { readonly advantages: number[]; readonly old: number[]; readonly now: Tensor },
): PolicyLoss {
  return policyLoss(settings, {
    logProbs: rows.now,
    oldLogProbs: vector(rows.old),
    advantages: vector(rows.advantages),
    owners: fromTypedArray(
      BigInt64Array.from(rows.old, (_, i) => BigInt(i)),
      [rows.old.length],
    ),
    ownerCount: rows.old.length,
  });
}

describe("numbers of other systems' tests", () => {
  const skyRl = { advantages: [1, -1, -4], old: [-1, -1, -3] };
  const now = [-1.69315, -1, -0.69741];

  test("SkyRL's dual clip", () => {
    tidy(() => {
      const { losses, isDualClipped } = lossOf(
        { kind: "clipped", clipBelow: 0.2, clipAbove: 0.2, dualClip: 3 },
        { ...skyRl, now: vector(now) },
      );
      expectClose(losses, [-0.5, 1, 12], 4);
      expect(isDualClipped.toNumbers()).toEqual([0, 0, 1]);
    });
  });

  test("slime's dual clip", () => {
    tidy(() => {
      const { losses } = lossOf(
        { kind: "clipped", clipBelow: 0.2, clipAbove: 0.2, dualClip: 1.5 },
        { advantages: [2, -2, 2], old: [0, 0, 0], now: vector([2, 2, 0.5].map(Math.log)) },
      );
      expectClose(losses, [-2.4, 3, -1]);
    });
  });

  test("SkyRL's CISPO", () => {
    tidy(() => {
      const settings = { kind: "clipped-weight", clipBelow: 0.2, clipAbove: 0.2 } as const;
      const { losses } = lossOf(settings, { ...skyRl, now: vector(now) });
      expectClose(losses, [1.35452, -1, -3.347568], 4);
      expect(losses.sum().item()).toBeCloseTo(-2.993, 4);
    });
  });

  test("slime's CISPO: the gradient is −clamped·A, none flows through the ratio", () => {
    tidy(() => {
      const logProbs = [-0.7, -1.2, -0.4, -2.1];
      const ratios = [1, 1.14, 1.56, 0.4];
      const advantages = [1, -0.5, 2, -1];
      const clamped = [1, 1.14, 1.28, 0.8];
      const current = vector(logProbs).requireGrad();
      const { losses } = lossOf(
        { kind: "clipped-weight", clipBelow: 0.2, clipAbove: 0.28 },
        { advantages, old: logProbs.map((logProb, i) => logProb - Math.log(ratios[i] ?? 1)), now: current },
      );
      const expected = clamped.map((weight, i) => -weight * (advantages[i] ?? 0));
      expectClose(
        losses,
        expected.map((slope, i) => slope * (logProbs[i] ?? 0)),
      );
      const [gradient] = grad(losses.sum(), [current]);
      expect(gradient?.toNumbers().map((slope) => Math.round(slope * 1e9) / 1e9)).toEqual(expected);
    });
  });

  test("slime's wide band of CISPO, as in the table of algorithms", () => {
    tidy(() => {
      const { losses } = lossOf(
        { kind: "clipped-weight", clipBelow: 1, clipAbove: 4 },
        {
          advantages: [1, 1, 1, 1],
          old: [1, 3, 9, 0.4].map((ratio) => -1 - Math.log(ratio)),
          now: vector([-1, -1, -1, -1]),
        },
      );
      expectClose(losses, [1, 3, 5, 0.4]);
    });
  });
});

describe("what clipping lets through", () => {
  const gradientAt = (ratio: number, advantage: number): number =>
    tidy(() => {
      const logProbs = vector([Math.log(ratio)]).requireGrad();
      const { losses } = lossOf(
        { kind: "clipped", clipBelow: 0.2, clipAbove: 0.28 },
        { advantages: [advantage], old: [0], now: logProbs },
      );
      return grad(losses.sum(), [logProbs])[0]?.item() ?? Number.NaN;
    });

  test("a good token may rise to 1.28, not further; a bad one may fall to 0.8", () => {
    expect(gradientAt(1.27, 1)).toBeCloseTo(-1.27);
    expect(gradientAt(1.29, 1)).toBeCloseTo(0);
    expect(gradientAt(0.81, -1)).toBeCloseTo(0.81);
    expect(gradientAt(0.79, -1)).toBeCloseTo(0);
  });

  test("a move in the wrong direction is always answered", () => {
    expect(gradientAt(0.1, 1)).toBeCloseTo(-0.1);
    expect(gradientAt(5, -1)).toBeCloseTo(5);
  });

  test("a ratio beyond all bounds stays finite", () => {
    tidy(() => {
      const { losses } = lossOf(
        { kind: "clipped", clipBelow: 0.2, clipAbove: 0.2 },
        { advantages: [-1], old: [-2000], now: vector([0]) },
      );
      expect(Number.isFinite(losses.item())).toBe(true);
    });
  });
});
