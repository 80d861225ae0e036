import { setThreads, type Tensor, tensor, tidy } from "@zerosearch/torch";
import { expect, test } from "vitest";
import { clipGradients } from "./clip-gradients.ts";
import { learningRateAt } from "./lr-schedule.ts";
import { AdamW } from "./optimizer.ts";

setThreads(1);

const values = (one: Tensor): number[] => [...one.to("float64").toTypedArray()].map(Number);

test("the first step moves every weight by the learning rate against the sign of its gradient, after weight decay", () => {
  tidy(() => {
    const weight = tensor([1, -2, 3]);
    using optimizer = new AdamW(new Map([["w", weight]]), { epsilon: 0, weightDecay: 0.1 });
    optimizer.step([tensor([0.5, -4, 1e-3])], 0.01);
    const expected = [1 - 0.001 - 0.01, -2 + 0.002 + 0.01, 3 - 0.003 - 0.01];
    for (const [i, value] of values(weight).entries()) expect(value).toBeCloseTo(expected[i] ?? Number.NaN, 6);
  });
});

test("a bfloat16 model learns by steps that are smaller than the gaps between its numbers", () => {
  tidy(() => {
    const weight = tensor([1]).to("bfloat16");
    using optimizer = new AdamW(new Map([["w", weight]]), { epsilon: 0, weightDecay: 0 });
    for (let step = 0; step < 100; step++) optimizer.step([tensor([1]).to("bfloat16")], 1e-4);
    expect(values(weight)[0]).toBeCloseTo(0.99, 2); // each step alone rounds to 1
    const master = new Map(optimizer.tensors()).get("w.master");
    expect(master && values(master)[0]).toBeCloseTo(0.99, 5);
  });
});

test("an optimizer restored from its tensors goes on as if it had never stopped", () => {
  tidy(() => {
    const gradients = [tensor([0.3, -0.1]), tensor([0.2, 0.9]), tensor([-0.5, 0.4])];
    const straight = tensor([1, 2]);
    using whole = new AdamW(new Map([["w", straight]]));
    for (const gradient of gradients) whole.step([gradient], 0.1);

    const first = tensor([1, 2]);
    using before = new AdamW(new Map([["w", first]]));
    before.step(gradients.slice(0, 1), 0.1);
    const second = first.clone();
    using after = new AdamW(new Map([["w", second]]));
    after.restore(new Map(before.tensors()), before.stepCount);
    for (const gradient of gradients.slice(1)) after.step([gradient], 0.1);
    expect(values(second)).toEqual(values(straight));
    expect(after.stepCount).toBe(3);
    expect(() => after.restore(new Map(), 1)).toThrow(/w\.first_moment must have shape \[2\].*none/);
  });
});

test("gradients are scaled together to the norm allowed, and small ones are left alone", () => {
  tidy(() => {
    const gradients = [tensor([3]), tensor([0, 4])];
    expect(clipGradients(gradients, 10)).toEqual({ norm: 5, isFinite: true });
    expect(values(gradients[0] as Tensor)).toEqual([3]);
    clipGradients(gradients, 1);
    expect(values(gradients[0] as Tensor)[0]).toBeCloseTo(0.6, 5);
    expect(values(gradients[1] as Tensor)[1]).toBeCloseTo(0.8, 5);
  });
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])("a gradient of %d is reported and nothing is scaled", (bad) => {
  tidy(() => {
    const gradients = [tensor([1]), tensor([bad])];
    expect(clipGradients(gradients, 0.1).isFinite).toBe(false);
    expect(values(gradients[0] as Tensor)).toEqual([1]);
  });
});

test("the first update of a warm-up over four steps runs at a quarter of the peak, the fourth at the peak (D14)", () => {
  const schedule = { peak: 8, warmupSteps: 4 };
  expect([0, 1, 2, 3, 4, 99].map((step) => learningRateAt(schedule, step, 100))).toEqual([2, 4, 6, 8, 8, 8]);
  expect(learningRateAt({ peak: 1e-6 }, 0, 203)).toBe(1e-6);
});

test("decays end at their final share, after the peak was held as long as asked", () => {
  const linear = { peak: 1, decay: "linear", holdShare: 0.5, finalShare: 0.2 } as const;
  expect(learningRateAt(linear, 50, 100)).toBe(1);
  expect(learningRateAt(linear, 75, 100)).toBeCloseTo(0.6, 12);
  expect(learningRateAt(linear, 100, 100)).toBeCloseTo(0.2, 12);
  expect(learningRateAt({ peak: 1, decay: "cosine" }, 50, 100)).toBeCloseTo(0.5, 12);
});
