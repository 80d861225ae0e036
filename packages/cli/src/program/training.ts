/** The verbs of training: runs of one's own, and what is made of a run. */
import type { Command } from "commander";
import type { ReplayFlags } from "../commands/replay.ts";
import type { ReportFlags } from "../commands/report.ts";
import type { SftFlags } from "../commands/sft.ts";
import type { TrainFlags } from "../commands/train.ts";
import { numberFlag } from "../number-flag.ts";

export function addTraining(program: Command): void {
  program
    .command("train")
    .description("teach a policy to search, by a configuration; see configs/")
    .option("--config <file>", "a JSON file; settings after it override it: --algorithm ppo --actor.lr 1e-6")
    .option("--name <run>", "of the run, and of its folder", "train")
    .option("--runs <folder>", "where runs are kept", "runs")
    .option("--resume", "continue the run of this name from its last checkpoint")
    .option("--dry-run", "resolve and check everything, estimate memory, and stop")
    .option("--threads <n>", "of one operator", numberFlag, 1)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (flags: TrainFlags, command: Command) => {
      const { runTrain } = await import("../commands/train.ts");
      await runTrain(flags, command.args);
    });

  addSft(program);

  program
    .command("replay")
    .description("play one rollout of a run again, token for token")
    .argument("<run>", "the run's folder")
    .requiredOption("--step <n>", "of training, from 1", numberFlag)
    .requiredOption("--question <id>", "as in the data")
    .option("--sample <n>", "which of the group's rollouts, from 0", numberFlag, 0)
    .action(async (run: string, flags: ReplayFlags) => {
      const { runReplay } = await import("../commands/replay.ts");
      await runReplay(run, flags);
    });

  program
    .command("report")
    .description("make a page of a training run that is over or still going, and sum it up")
    .argument("<run>", "the run's folder")
    .option("--out <file>", "where the page goes; by default report.html in the run's folder")
    .action(async (run: string, flags: ReportFlags) => {
      const { runReport } = await import("../commands/report.ts");
      await runReport(run, flags);
    });
}

/** `zerosearch sft`, which is `zerosearch simulator sft` as well: the step that makes a simulator of records. */
export function addSft(parent: Command): void {
  parent
    .command("sft")
    .description("fine-tune a model on prompts and completions: simulators, cold starts")
    .option("--config <file>", "a JSON file; settings after it override it: --epochs 2 --optimizer.lr 1e-6")
    .option("--name <run>", "of the run, and of its folder", "sft")
    .option("--runs <folder>", "where runs are kept", "runs")
    .option("--resume", "continue the run of this name from its last checkpoint")
    .option("--dry-run", "resolve and check everything, count steps and tokens, and stop")
    .option("--threads <n>", "of one operator; by default one per core", numberFlag)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (flags: SftFlags, command: Command) => {
      const { runSft } = await import("../commands/sft.ts");
      await runSft(flags, command.args);
    });
}
