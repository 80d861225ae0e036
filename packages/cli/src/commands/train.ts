import { join } from "node:path";
import { setThreads } from "@zerosearch/torch";
import {
  type DryRun,
  dryRun,
  GracefulStop,
  ProgressView,
  parseConfig,
  type TrainConfig,
  train,
  trainConfigSchema,
} from "@zerosearch/zerosearch";
import pc from "picocolors";
import { readConfigFile } from "../config-file.ts";
import { evaluationText } from "../evaluation-text.ts";
import { GATES } from "../gates.ts";

/** The options as the command line gives them. */
export interface TrainFlags {
  readonly config?: string;
  readonly name: string;
  /** The folder that runs lie in. */
  readonly runs: string;
  readonly resume?: boolean;
  readonly dryRun?: boolean;
  readonly threads: number;
}

/** `zerosearch train`: Ctrl-C finishes the step and saves, a second one stops at once. */
export async function runTrain(flags: TrainFlags, overrides: readonly string[]): Promise<void> {
  const config = parseConfig(
    trainConfigSchema,
    readConfigFile(flags.config, overrides),
    flags.config ?? "configuration",
  );
  setThreads(flags.threads);
  if (flags.dryRun) {
    showDryRun(await dryRun(config, { gates: GATES }));
    return;
  }
  await trainVisibly(config, { path: join(flags.runs, flags.name), resume: flags.resume ?? false });
}

/** Trains in sight: progress and notes on stderr, the result on stdout. */
export async function trainVisibly(
  config: TrainConfig,
  { path, resume }: { readonly path: string; readonly resume: boolean },
): Promise<"finished" | "stopped"> {
  const view = new ProgressView(process.stderr);
  using stop = new GracefulStop({
    onFirst: () => view.print(pc.yellow("finishing this step and saving; Ctrl-C again stops at once")),
    stopNow: () => process.exit(130),
  });
  const result = await train(config, {
    path,
    resume,
    stop,
    gates: GATES,
    onStep: (state) => view.show(state),
    onEvaluation: (records) => {
      for (const { line } of records) view.print(evaluationText(line));
    },
    onNote: (note) => view.print(`${pc.yellow("note")} ${note}`),
  });
  console.log(
    result.outcome === "finished"
      ? `finished ${result.step} steps: the policy is ${join(result.checkpoint, "policy")}`
      : `stopped after step ${result.step}, saved in ${result.checkpoint}: go on with --resume`,
  );
  return result.outcome;
}

function showDryRun({ config, memory, firstPrompt, ...facts }: DryRun): void {
  const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(2)} GiB`;
  const total = Object.values(memory).reduce((sum, bytes) => sum + bytes, 0);
  console.log(JSON.stringify(config, null, 2));
  const lines = {
    questions: `${facts.questions}${facts.skippedRows > 0 ? `, ${facts.skippedRows} rows left out` : ""}`,
    steps: `${config.steps}, ${facts.epochs.toFixed(2)} epochs, ${facts.rolloutsPerStep} rollouts each`,
    parameters: facts.parameters.toLocaleString("en"),
    "longest rollout": `${facts.longestRollout} tokens`,
    memory: `${gib(total)} (${Object.entries(memory)
      .filter(([, bytes]) => bytes > 0)
      .map(([name, bytes]) => `${name} ${gib(bytes)}`)
      .join(", ")}), activations not counted`,
    "first prompt": `${firstPrompt.tokens.length} tokens: ${JSON.stringify(firstPrompt.text)}`,
  };
  for (const [name, value] of Object.entries(lines)) console.error(`${pc.dim(name.padEnd(16))}${value}`);
}
