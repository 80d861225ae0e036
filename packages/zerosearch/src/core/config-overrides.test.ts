import { expect, test } from "vitest";
import { z } from "zod";
import { applyOverrides, parseConfig } from "./config-overrides.ts";
import { ConfigError } from "./errors.ts";

const schema = z.strictObject({
  algorithm: z.enum(["grpo", "ppo"]).default("grpo"),
  actor: z.strictObject({ lr: z.number().positive(), warmupSteps: z.int().default(0) }),
  data: z.strictObject({ files: z.array(z.string()).min(1) }).optional(),
  search: z.union([
    z.strictObject({ engine: z.literal("local"), index: z.string() }),
    z.strictObject({ engine: z.literal("simulator"), model: z.string(), draws: z.int().default(1) }),
  ]),
});

test("dotted names reach into the configuration, which itself stays as it was", () => {
  const base = { actor: { lr: 1, warmupSteps: 3 }, data: { files: ["a"] }, name: "x" };
  const changed = applyOverrides(base, [
    ...["--actor.lr", "1e-6", "--data.files", "b.jsonl", "c.jsonl"],
    ...["--new.deep.flag", "--negative=-2", "--text", "3 + 4", "--name", "null"],
  ]);
  expect(changed).toEqual({
    actor: { lr: 1e-6, warmupSteps: 3 },
    data: { files: ["b.jsonl", "c.jsonl"] },
    new: { deep: { flag: true } },
    negative: -2,
    text: "3 + 4",
  });
  expect(base).toEqual({ actor: { lr: 1, warmupSteps: 3 }, data: { files: ["a"] }, name: "x" });
});

test("one value for what was a list stays a list, and a list may be JSON", () => {
  expect(applyOverrides({ files: ["a"] }, ["--files", "b"])).toEqual({ files: ["b"] });
  expect(applyOverrides({ files: ["a"] }, ["--files", '["b", "c"]'])).toEqual({ files: ["b", "c"] });
});

test.each([
  [["stray"], /"stray" belongs to no setting/],
  [["--"], /-- is no name/],
  [["--a..b", "1"], /--a\.\.b is no name/],
  [["--__proto__.polluted", "1"], /no name of a setting/],
])("%j is refused", (args, message) => {
  expect(() => applyOverrides({}, args)).toThrow(message);
  expect(() => applyOverrides({}, args)).toThrow(ConfigError);
});

test("a right configuration gets its defaults", () => {
  expect(parseConfig(schema, { actor: { lr: 1 }, search: { engine: "local", index: "i" } }, "c.json")).toEqual({
    algorithm: "grpo",
    actor: { lr: 1, warmupSteps: 0 },
    search: { engine: "local", index: "i" },
  });
});

test.each([
  [
    { actor: { lr: 1, warmupStep: 2 }, search: { engine: "local", index: "i" } },
    /actor\.warmupStep is no setting; did you mean actor\.warmupSteps\?/,
  ],
  [{ actor: { lr: 1 }, zzzzzz: 2, search: { engine: "local", index: "i" } }, /zzzzzz is no setting$/],
  [
    { actor: { lr: "fast" }, search: { engine: "local", index: "i" } },
    /c\.json: actor\.lr is "fast": .*expected number/,
  ],
  [{ actor: {}, search: { engine: "local", index: "i" } }, /actor\.lr is missing/],
  [
    { algorithm: "gpo", actor: { lr: 1 }, search: { engine: "local", index: "i" } },
    /algorithm is "gpo": .*"grpo"\|"ppo"/,
  ],
])("%j is explained", (value, message) => {
  expect(() => parseConfig(schema, value, "c.json")).toThrow(message);
});

test("several mistakes are told at once", () => {
  const value = { algorithm: 1, actor: { lr: -1 }, search: { engine: "local", index: "i" } };
  expect(() => parseConfig(schema, value, "c.json")).toThrow(/algorithm is 1[\s\S]*actor\.lr is -1/);
});
