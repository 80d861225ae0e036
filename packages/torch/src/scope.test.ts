import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { ArgumentError, keep, liveTensorCount, type Tensor, TensorScope, tensor, tidy } from "./index.ts";

test("tidy frees what it made except what it returns, however deep", () => {
  const before = liveTensorCount();
  const result = tidy(() => {
    const a = tensor([1]);
    const b = a.add(1);
    b.mul(3);
    return { list: [a], map: new Map([["b", b]]), count: 3 };
  });
  expect(liveTensorCount()).toBe(before + 2);
  result.list[0]?.dispose();
  result.map.get("b")?.dispose();
  expect(liveTensorCount()).toBe(before);
});

test("what an inner tidy returns belongs to the outer one", () => {
  const before = liveTensorCount();
  const outer = tidy(() => {
    const inner = tidy(() => tensor([1]).add(1));
    expect(liveTensorCount()).toBe(before + 1);
    return inner.item();
  });
  expect(outer).toBe(2);
  expect(liveTensorCount()).toBe(before);
});

test("a body that throws leaves nothing behind", () => {
  const before = liveTensorCount();
  expect(() =>
    tidy(() => {
      tensor([1]).add(1);
      throw new Error("no");
    }),
  ).toThrow("no");
  expect(liveTensorCount()).toBe(before);
});

test("a body that returns a promise is refused, and its tensors are freed", async () => {
  const before = liveTensorCount();
  const body = async (): Promise<Tensor> => tensor([1]);
  expect(() => tidy(body)).toThrow(ArgumentError);
  expect(liveTensorCount()).toBe(before);
  await sleep(0);
});

test("keep takes a tensor out of the scope around it", () => {
  const before = liveTensorCount();
  let kept: Tensor | undefined;
  tidy(() => {
    kept = keep(tensor([1, 2]));
  });
  expect(kept?.toArray()).toEqual([1, 2]);
  kept?.dispose();
  expect(liveTensorCount()).toBe(before);
});

test("a TensorScope holds tensors across an await, and tensors that are given to it", async () => {
  const before = liveTensorCount();
  const strange = tensor([5]);
  {
    using scope = new TensorScope();
    scope.add(strange);
    const first = scope.run(() => tensor([1]).add(1));
    await sleep(1);
    const second = scope.run(() => first.add(strange));
    expect(second.item()).toBe(7);
  }
  expect(strange.isDisposed).toBe(true);
  expect(liveTensorCount()).toBe(before);
});

test("freeing a tensor early inside tidy is harmless", () => {
  const before = liveTensorCount();
  tidy(() => {
    using a = tensor([1]);
    a.add(1).dispose();
  });
  expect(liveTensorCount()).toBe(before);
});
