/** The files by which the miniature's simulator is made say what the quick start says. */
import { fileURLToPath } from "node:url";
import {
  GATE_NAME,
  PAGE_TOKENS,
  ROLLOUT_LIMITS,
  SIMULATOR_PROMPTS,
  SIMULATOR_TEMPERATURE,
} from "@zerosearch/miniature";
import {
  auditConfigSchema,
  buildConfigSchema,
  collectConfigSchema,
  fineTuneConfigSchema,
  labelConfigSchema,
  parseConfig,
  probeConfigSchema,
} from "@zerosearch/zerosearch";
import { expect, test } from "vitest";
import { readConfigFile } from "./config-file.ts";

function preset<T>(name: string, schema: Parameters<typeof parseConfig<T>>[0]): T {
  const path = fileURLToPath(new URL(`../../../configs/miniature-simulator/${name}.json`, import.meta.url));
  return parseConfig(schema, readConfigFile(path, []), path);
}

const collect = preset("collect", collectConfigSchema);
const probe = preset("probe", probeConfigSchema);
const label = preset("label", labelConfigSchema);
const build = preset("build", buildConfigSchema);
const sft = preset("sft", fineTuneConfigSchema);
const audit = preset("audit", auditConfigSchema);

test("searches are made within the quick start's bounds", () => {
  expect(collect.limits).toEqual(ROLLOUT_LIMITS);
});

test("records, and what is audited, are in the quick start's prompts, behind its gate", () => {
  for (const { prompt, gate } of [build, audit.simulator])
    expect([prompt, gate]).toEqual([SIMULATOR_PROMPTS, GATE_NAME]);
  expect(audit.simulator).toMatchObject({ temperature: SIMULATOR_TEMPERATURE, maxTokens: PAGE_TOKENS });
});

test("each step reads what the one before has written", () => {
  expect(probe.searches).toEqual([collect.out]);
  expect(label.searches).toEqual([collect.out, probe.out]);
  expect(build.searches).toEqual([label.out]);
  expect(sft.data.files).toEqual([build.out]);
  expect(audit.searches).toEqual([collect.out]);
});
