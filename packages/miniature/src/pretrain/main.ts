/**
 * Makes the miniature's models anew: `npm run pretrain [folder]`. Policy and simulator are trained side by side, each in
 * a process of its own on one thread; the same seeds on the same machine give the same files.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Decoder, saveDecoder } from "@zerosearch/lm";
import { setThreads } from "@zerosearch/torch";
import { auditMarkdown, loadChatModel, savePrompt } from "@zerosearch/zerosearch";
import { MODELS_FOLDER, type ModelName } from "../models/folders.ts";
import { AGENT_PROMPT, SIMULATOR_TEMPERATURE } from "../recipe.ts";
import { makeTokenizer } from "../tokenizer.ts";
import { measurePolicy, policyLines } from "./measure-policy.ts";
import { measureSimulator } from "./measure-simulator.ts";
import { POLICY_PLAN, pretrainPolicy } from "./pretrain-policy.ts";
import { pretrainSimulator, SIMULATOR_PLAN } from "./pretrain-simulator.ts";
import { coldStartShortfalls } from "./quality.ts";
import type { StageProgress } from "./train-stage.ts";

const [folder = MODELS_FOLDER, part] = process.argv.slice(2);

if (part === undefined) {
  const children = ["policy", "simulator"].map((each) =>
    spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), folder, each], {
      stdio: "inherit",
    }),
  );
  const codes = await Promise.all(children.map(async (child): Promise<unknown> => (await once(child, "exit"))[0]));
  process.exitCode = codes.every((code) => code === 0) ? 0 : 1;
} else {
  await pretrain(part);
}

async function pretrain(name: string): Promise<void> {
  setThreads(1);
  const tokenizer = makeTokenizer();
  const save = (model: ModelName, decoder: Decoder): void => {
    const path = join(folder, model);
    saveDecoder(path, decoder, { generation: { eos_token_id: tokenizer.eosId } });
    tokenizer.save(path);
    if (model !== "simulator") savePrompt(path, AGENT_PROMPT);
    print(`${path} is written`);
  };
  if (name === "policy") {
    await pretrainPolicy(tokenizer, POLICY_PLAN, { save, report });
    const measures = await measurePolicy(join(folder, "policy"));
    conclude(policyLines(measures), coldStartShortfalls(measures));
  } else {
    await pretrainSimulator(tokenizer, SIMULATOR_PLAN, { save, report });
    const simulator = loadChatModel(join(folder, "simulator"), { numerics: "fast" });
    const audit = await measureSimulator(simulator, { temperature: SIMULATOR_TEMPERATURE, count: 150 });
    await simulator.close();
    print(auditMarkdown(audit));
    if (audit.shortfalls.length > 0) process.exitCode = 1;
  }
}

function conclude(lines: readonly string[], shortfalls: readonly string[]): void {
  for (const line of [...lines, ...shortfalls.map((sentence) => `falls short: ${sentence}`)]) print(line);
  if (shortfalls.length > 0) process.exitCode = 1;
}

function report({ stage, batch, loss, tokensPerSecond }: StageProgress): void {
  print(`${stage}: batch ${batch}, loss ${loss.toFixed(3)}, ${Math.round(tokensPerSecond)} tokens/s`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
