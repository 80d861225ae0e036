import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { loadTokenizer, readDecoderConfig, readGenerationConfig } from "@zerosearch/lm";
import { setThreads } from "@zerosearch/torch";
import { agentConfigSchema, loadAgent, loadChatModel } from "@zerosearch/zerosearch";
import { expect, test } from "vitest";
import { measurePolicy } from "../pretrain/measure-policy.ts";
import { measureSimulator } from "../pretrain/measure-simulator.ts";
import { coldStartShortfalls } from "../pretrain/quality.ts";
import { AGENT_PROMPT, SIMULATOR_TEMPERATURE } from "../recipe.ts";
import { makeTokenizer } from "../tokenizer.ts";
import { makeParts } from "../world/splits.ts";
import { decoderConfig, POLICY_SIZE, SIMULATOR_SIZE } from "./configs.ts";
import { MODEL_NAMES, modelFolder } from "./folders.ts";

setThreads(1);

test.each(MODEL_NAMES)("%s is an ordinary model folder of at most 2 MB, of the sizes that the code gives", (name) => {
  const folder = modelFolder(name);
  const tokenizer = loadTokenizer(folder);
  const size = name === "simulator" ? SIMULATOR_SIZE : POLICY_SIZE;
  expect(readDecoderConfig(folder)).toEqual(decoderConfig(size, tokenizer.vocabularySize));
  expect(readGenerationConfig(folder).eosIds).toEqual([tokenizer.eosId]);
  expect(statSync(join(folder, "model.safetensors")).size).toBeLessThan(2e6);
});

test.each(MODEL_NAMES)("the tokenizer of %s is the one that the code makes", (name) => {
  const [shipped, made] = [loadTokenizer(modelFolder(name)), makeTokenizer()];
  expect(JSON.parse(readFileSync(join(modelFolder(name), "tokenizer.json"), "utf8")).model.merges).toEqual([]);
  const { questions, passages } = makeParts().test;
  for (const { text } of [...questions, ...passages]) {
    expect(shipped.encode(` ${text}`, { allowSpecial: false })).toEqual(
      made.encode(` ${text}`, { allowSpecial: false }),
    );
  }
});

test("policy and base are asked as the miniature asks, also by whoever does not know how", () => {
  for (const name of ["policy", "base"] as const) {
    using agent = loadAgent(agentConfigSchema.parse({ path: modelFolder(name) }));
    expect(agent.prompt).toBe(AGENT_PROMPT);
  }
});

test("the simulator tells the truth to queries that deserve it, and to no others", async () => {
  const model = loadChatModel(modelFolder("simulator"));
  const { shortfalls } = await measureSimulator(model, { temperature: SIMULATOR_TEMPERATURE, count: 15 });
  await model.close();
  expect(shortfalls).toEqual([]);
});

test("the cold start answers a few questions with the real engine, two hops included, and leaves much to learn", async () => {
  expect(coldStartShortfalls(await measurePolicy(modelFolder("policy")))).toEqual([]);
});
