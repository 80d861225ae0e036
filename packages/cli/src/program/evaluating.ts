/** The verbs of evaluation. */
import type { Command } from "commander";
import type { EvalFlags } from "../commands/eval.ts";
import { numberFlag } from "../number-flag.ts";

export function addEvaluating(program: Command): void {
  program
    .command("eval")
    .description("answer questions with a model and score every answer; see the settings in configs/")
    .option("--config <file>", "a JSON file; settings after it override it: --model.path DIR --data.files a.jsonl")
    .requiredOption("--out <folder>", "where the result goes")
    .option("--resume", "continue an evaluation that was interrupted; what failed is asked again")
    .option("--threads <n>", "of one operator; by default one per core", numberFlag)
    .option("--json", "print one JSON object")
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async (flags: EvalFlags, command: Command) => {
      const { runEval } = await import("../commands/eval.ts");
      await runEval(flags, command.args);
    });

  program
    .command("compare")
    .description("whether one of two evaluations is better: paired tests over the same questions")
    .argument("<first>", "a folder of `zerosearch eval`, or JSON lines of id, prediction, answers")
    .argument("<second>", "the same")
    .option("--json", "print one JSON object")
    .action(async (first: string, second: string, options: { json?: boolean }) => {
      const { runCompare } = await import("../commands/compare.ts");
      await runCompare(first, second, { json: options.json ?? false });
    });

  program
    .command("score")
    .description("score predictions made elsewhere: strict exact match, cover exact match, F1")
    .argument("<file>", 'JSON lines {"prediction": string or null, "answers": [string]}')
    .option("--json", "print one JSON object")
    .action(async (file: string, options: { json?: boolean }) => {
      const { runScore } = await import("../commands/score.ts");
      await runScore(file, { json: options.json ?? false });
    });
}
