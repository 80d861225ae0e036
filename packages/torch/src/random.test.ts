import { expect, test } from "vitest";
import { ArgumentError, Generator, randint, randn, randperm, tensor, tidy, UseAfterFreeError } from "./index.ts";

test("the same seed gives the same stream, another seed another", () => {
  tidy(() => {
    using a = new Generator(7);
    using b = new Generator(7);
    using c = new Generator(8);
    const first = randn([100], { generator: a });
    expect(first.equal(randn([100], { generator: b }))).toBe(true);
    expect(first.equal(randn([100], { generator: c }))).toBe(false);
    expect(first.equal(randn([100], { generator: a }))).toBe(false);
  });
});

test("a saved state resumes the stream where it was", () => {
  tidy(() => {
    using generator = new Generator(7);
    randn([33], { generator });
    const state = generator.getState();
    const next = randn([50], { generator });
    using other = new Generator(0);
    other.setState(state);
    expect(next.equal(randn([50], { generator: other }))).toBe(true);
  });
});

test("draws have the range and mean they should", () => {
  tidy(() => {
    using generator = new Generator(1);
    const integers = randint(3, 9, [2000], { generator });
    expect([integers.amin().item(), integers.amax().item()]).toEqual([3, 8]);
    const permutation = randperm(50, { generator });
    expect(permutation.sort()[0].toArray()).toEqual(Array.from({ length: 50 }, (_, i) => BigInt(i)));
    const picks = tensor([0, 0.25, 0.75]).multinomial(4000, true, { generator });
    // 4,000 draws of 3/4 within five standard deviations of √(p(1−p)/n)
    expect(Math.abs(picks.eq(2).to("float32").mean().item() - 0.75)).toBeLessThan(0.035);
    expect(picks.eq(0).any().item()).toBe(0);
  });
});

test("bad seeds and disposed generators are refused", () => {
  expect(() => new Generator(-1)).toThrow(ArgumentError);
  expect(() => new Generator(2 ** 60)).toThrow(ArgumentError);
  const gone = new Generator(1);
  gone.dispose();
  expect(() => randn([1], { generator: gone })).toThrow(UseAfterFreeError);
  expect(() => randn([1], { generator: {} as Generator })).toThrow(/generator must be a Generator/);
});
