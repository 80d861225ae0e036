import { availableParallelism } from "node:os";
import { join } from "node:path";
import { setThreads } from "@zerosearch/torch";
import {
  type FineTuneConfig,
  type FineTunePlan,
  FineTuneView,
  fineTune,
  fineTuneConfigSchema,
  GracefulStop,
  parseConfig,
  planFineTuning,
} from "@zerosearch/zerosearch";
import pc from "picocolors";
import { readConfigFile } from "../config-file.ts";

/** The options as the command line gives them. */
export interface SftFlags {
  readonly config?: string;
  readonly name: string;
  /** The folder that runs lie in. */
  readonly runs: string;
  readonly resume?: boolean;
  readonly dryRun?: boolean;
  /** All cores by default. */
  readonly threads?: number;
}

/** `zerosearch sft`: Ctrl-C finishes the step and saves, a second one stops at once. */
export async function runSft(flags: SftFlags, overrides: readonly string[]): Promise<void> {
  const { config: file, name, runs, resume = false, threads = availableParallelism() } = flags;
  const config = parseConfig(fineTuneConfigSchema, readConfigFile(file, overrides), file ?? "configuration");
  setThreads(threads);
  if (flags.dryRun) showPlan(config, await planFineTuning(config));
  else await fineTuneVisibly(config, { path: join(runs, name), resume });
}

/** Progress and notes on stderr, the result on stdout. */
async function fineTuneVisibly(
  config: FineTuneConfig,
  { path, resume }: { readonly path: string; readonly resume: boolean },
): Promise<void> {
  const view = new FineTuneView(process.stderr);
  using stop = new GracefulStop({
    onFirst: () => view.print(pc.yellow("finishing this step and saving; Ctrl-C again stops at once")),
    stopNow: () => process.exit(130),
  });
  const { outcome, step, totalSteps, model, bestStep, validationLoss } = await fineTune(config, {
    path,
    resume,
    stop,
    onStep: (progress) => view.show(progress),
    onNote: (note) => view.print(`${pc.yellow("note")} ${note}`),
  });
  if (outcome === "stopped") {
    console.log(`stopped after step ${step} of ${totalSteps}, saved in ${path}: go on with --resume`);
    return;
  }
  const loss = validationLoss === undefined ? "" : `, validation loss ${validationLoss.toFixed(4)}`;
  const best = bestStep === undefined || bestStep === step ? "" : `; the best checkpoint is that of step ${bestStep}`;
  console.log(`finished ${step} steps${loss}: the model is ${model}${best}`);
}

function showPlan(config: FineTuneConfig, plan: FineTunePlan): void {
  console.log(JSON.stringify(config, null, 2));
  const left = plan.skippedRecords > 0 ? `, ${plan.skippedRecords} too long and left out` : "";
  const lines = {
    records: `${plan.trainRecords} to learn from, ${plan.validationRecords} for validation${left}`,
    "longest record": `${plan.longestTokens} tokens`,
    steps: `${plan.steps}, in ${plan.epochs} ${plan.epochs === 1 ? "epoch" : "epochs"}`,
    tokens: `${plan.tokens.toLocaleString("en")}, of which ${plan.learnedTokens.toLocaleString("en")} are learned`,
    parameters: plan.parameters.toLocaleString("en"),
    memory: `${(plan.memoryBytes / 2 ** 30).toPrecision(2)} GiB, activations not counted`,
    "first prompt": JSON.stringify(plan.first.prompt),
    "is answered": JSON.stringify(plan.first.completion),
  };
  for (const [name, value] of Object.entries(lines)) console.error(`${pc.dim(name.padEnd(16))}${value}`);
}
