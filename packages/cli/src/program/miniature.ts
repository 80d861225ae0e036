/** The verbs of the small world: the quick start and the laboratory. */
import { type Command, Option } from "commander";
import type { QuickStartFlags } from "../commands/quick-start.ts";
import type { ReproduceFlags } from "../commands/reproduce.ts";
import { numberFlag } from "../number-flag.ts";

export function addMiniature(program: Command): void {
  program
    .command("quick-start")
    .description("train a search agent on a small world, in minutes, and see what it learned")
    .option("--seed <n>", "of every random draw", numberFlag, 0)
    .option("--steps <n>", "of training", numberFlag, 50)
    .option("--algorithm <name>", "grpo, ppo, reinforce, rloo, reinforce++, dr-grpo, dapo, gspo or cispo", "grpo")
    .addOption(
      new Option("--search <engine>", "what it searches in training")
        .choices(["simulated", "real"])
        .default("simulated"),
    )
    .option("--name <run>", "of the run's folder; by default made of the choices")
    .option("--runs <folder>", "where runs are kept", "runs")
    .action(async (flags: QuickStartFlags) => {
      const { runQuickStart } = await import("../commands/quick-start.ts");
      await runQuickStart(flags);
    });

  program
    .command("reproduce")
    .description("run the paper's comparisons on the small world, with several seeds, and print a table")
    .option("--folder <folder>", "where the runs are kept", "runs/reproduction")
    .option("--seeds <n>", "of each experiment", numberFlag, 3)
    .option("--steps <n>", "of training", numberFlag, 50)
    .option("--parallel <n>", "runs at the same time", numberFlag, 1)
    .option("--only <names...>", "some of the experiments")
    .addOption(new Option("--job <name:seed>").hideHelp())
    .action(async (flags: ReproduceFlags) => {
      const { runReproduce } = await import("../commands/reproduce.ts");
      await runReproduce(flags);
    });
}
