import { afterEach, expect, test, vi } from "vitest";
import { aptCommand, missingPackages, whyNotInstall } from "./system-packages.mjs";

afterEach(() => vi.unstubAllEnvs());

test("an empty machine needs a compiler, CMake, Ninja and libtorch with its companions", () => {
  vi.stubEnv("PATH", "/nonexistent");
  vi.stubEnv("CXX", "");
  expect(missingPackages(undefined)).toEqual([
    "g++",
    "cmake",
    "ninja-build",
    "libtorch-dev",
    "libgloo-dev",
    "libopenblas0-pthread",
  ]);
});

test("ZEROSEARCH_SETUP=check forbids installing", () => {
  vi.stubEnv("ZEROSEARCH_SETUP", "check");
  expect(whyNotInstall()).toContain("ZEROSEARCH_SETUP=check");
});

test("a machine without apt-get is told so", () => {
  vi.stubEnv("PATH", "/nonexistent");
  expect(whyNotInstall()).toContain("no apt");
});

test("the command to run by hand can be pasted", () => {
  expect(aptCommand(["g++", "cmake"])).toBe("apt-get update && apt-get install -y --no-install-recommends g++ cmake");
});
